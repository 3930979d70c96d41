"""Order, columns, counts, names; and that the number of a customer, in whole or in part, leads to it."""

import pytest
from index_world import ACME, CODES, FIELDS, LI, NICK, NOW, ROWS, WANG, ask, world

from crmcli.errors import Invalid
from crmcli.index.build import build
from crmcli.index.query import compile_query
from crmcli.index.rows import Row
from crmcli.index.search import by_prefix, count, exact, search
from crmcli.model.derive import catalog
from crmcli.model.metrics import METRICS


@pytest.fixture(scope="module")
def index():
    with world() as opened:
        yield opened


def compiled(query):
    return compile_query(query, FIELDS, CODES, now=NOW)


def values(index, query, *columns):
    return [dict(hit.values) for hit in search(index, compiled(query), columns=columns)]


def test_a_hit_shows_the_requested_columns_as_written(index):
    names = (
        "name",
        "spend",
        "tag",
        "external",
        "external.shop",
        "interaction.channel",
        "sale.amount",
        "email",
        "company",
    )
    assert values(index, "tier:gold", *names) == [
        {
            "name": "王芳",
            "spend": "418.50",
            "tag": "vip, 老客户",
            "external": "shop:00004, erp:A-1:7",
            "external.shop": "00004",
            "interaction.channel": "call, visit",
            "sale.amount": "398.00, 20.5",
            "email": "Wang.Fang@Example.com",
            "company": "",
        }
    ]


def test_a_hit_carries_number_and_path(index):
    hit = search(index, compiled("tier:gold"), columns=())[0]
    assert (hit.number, hit.path, dict(hit.values)) == (WANG.number, WANG.path, {})


def test_a_column_may_be_named_by_its_label(index):
    assert values(index, "tier:gold", "姓名", "客户等级") == [{"姓名": "王芳", "客户等级": "gold"}]


@pytest.mark.parametrize("use", [{"columns": ["nam"]}, {"columns": [], "sort": ["-nam"]}])
def test_an_unknown_column_or_sort_field_names_the_nearest(index, use):
    with pytest.raises(Invalid) as refusal:
        search(index, compiled(""), **use)
    assert "nam" in refusal.value.message
    assert "name" in refusal.value.hint


@pytest.mark.parametrize("noun", ["interaction", "", "-", "external.", "docs", "t1", "1; DROP TABLE docs", "rowid"])
def test_only_fields_can_be_columns_or_sorted_by(index, noun):
    with pytest.raises(Invalid):
        search(index, compiled(""), columns=[noun])
    with pytest.raises(Invalid):
        search(index, compiled(""), columns=[], sort=[noun])


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (["spend"], ["li", "wang", "acme"]),
        (["-spend"], ["acme", "wang", "li"]),
        (["orders"], ["li", "acme", "wang"]),
        (["last_purchase"], ["acme", "wang", "li"]),
        (["-last_purchase"], ["wang", "acme", "li"]),
        (["tier"], ["wang", "li", "acme"]),  # normal, gold, diamond: the order of the list; none comes last
        (["-tier"], ["li", "wang", "acme"]),
        (["status", "-spend"], ["li", "acme", "wang"]),
        (["-status", "spend"], ["wang", "acme", "li"]),
        (["sale.amount"], ["wang", "li", "acme"]),
        (["-interaction.at"], ["li", "wang", "acme"]),
        (["external.shop"], ["wang", "li", "acme"]),
        (["number"], ["wang", "li", "acme"]),
        (["-number"], ["acme", "li", "wang"]),
        ([], ["li", "wang", "acme"]),  # ties by the last contact, the latest first; none comes last
    ],
)
def test_sorts(index, sort, expected):
    assert ask(index, "", sort) == expected


def test_names_rank_before_other_text_and_the_exact_number_before_all():
    rows = [
        Row("C1", "1", {"id": "C1", "remarks": "call C3 about 王芳"}, {"last_contact": "2024-08-30"}),
        Row("C2", "2", {"id": "C2", "name": "王芳"}, {}),
        Row("C3", "3", {"id": "C3", "remarks": "王芳"}, {"last_contact": "2024-08-31"}),
        Row("C31", "4", {"id": "C31"}, {"last_contact": "2024-08-31"}),
    ]
    with build(FIELDS, rows, CODES) as index:
        assert ask(index, "王芳") == ["C2", "C3", "C1"]
        assert ask(index, "c3") == ["C3", "C31", "C1"]
        assert ask(index, "王芳 -vip") == ["C2", "C3", "C1"]
        assert ask(index, "王芳", ["number"]) == ["C1", "C2", "C3"]


def test_limit_and_offset_walk_through_the_same_order(index):
    whole = [hit.number for hit in search(index, compiled(""), columns=(), limit=0)]
    pages = [search(index, compiled(""), columns=(), limit=1, offset=n) for n in range(4)]
    assert [hit.number for page in pages for hit in page] == whole
    assert len(search(index, compiled(""), columns=(), limit=2)) == 2


def test_no_limit_gives_all_of_many():
    rows = [Row(f"C{n:05}", f"{n}", {"id": f"C{n:05}", "name": f"n{n}"}, {}) for n in range(1203)]
    with build(FIELDS, rows, CODES) as index:
        hits = search(index, compiled(""), columns=["name"], limit=0)
        assert [(hit.number, hit.values["name"]) for hit in hits] == [(f"C{n:05}", f"n{n}") for n in range(1203)]
        assert len(search(index, compiled(""), columns=["name"])) == 50


def test_count_agrees_with_search(index):
    for query in ("", "tier:gold", "王芳", "-tag:vip", "nothing"):
        assert count(index, compiled(query)) == len(search(index, compiled(query), columns=(), limit=0))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("C20240510001", ["wang"]),
        ("c20240510001", ["wang"]),
        ("C20240509007", ["wang"]),
        ("王芳", ["wang"]),
        ("王", []),
        ("北京咖啡商贸有限公司 Smith & Søn", ["acme"]),
        ("北京咖啡商贸有限公司 smith & søn", ["acme"]),
        ("+8613800138000", ["wang"]),
        ("138 0013 8000", ["wang"]),
        ("１３８００１３８０００", ["wang"]),
        ("010-12345678", ["li"]),
        ("38000", []),
        ("WANG.FANG@example.com", ["wang"]),
        ("11010519491231002x", ["wang"]),
        ("91350211m000100y43", ["acme"]),
        ("00004", ["wang"]),
        ("a-1:7", ["wang"]),
        ("vip", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
)
def test_exact_finds_a_customer_by_what_it_is_called(index, value, expected):
    assert [NICK[number] for number in exact(index, value)] == expected


def test_exact_names_every_customer_of_that_name():
    rows = [Row(n, n, {"id": n, "name": "王芳"}, {}) for n in ("C2", "C1")]
    with build(FIELDS, rows, CODES) as index:
        assert exact(index, "王芳") == ["C1", "C2"]


def test_a_prefix_of_the_number_leads_to_all_it_fits(index):
    assert by_prefix(index, "C20240511") == [LI.number]
    assert by_prefix(index, "c2024051") == [row.number for row in ROWS]
    assert by_prefix(index, "c2024051", limit=2) == [WANG.number, LI.number]
    assert by_prefix(index, "20240511") == []
    assert by_prefix(index, "") == []
    assert by_prefix(index, "%") == []


def test_the_index_holds_only_what_the_catalogue_declares():
    fields = [field for field in FIELDS if field.name in ("number", "name")]
    with build(fields, ROWS, CODES) as index:
        assert [
            NICK[hit.number] for hit in search(index, compile_query("王芳", fields, CODES, now=NOW), columns=())
        ] == ["wang"]
        assert "王芳".encode() in index.connection.serialize()
        assert b"13800138000" not in index.connection.serialize()


def test_no_file_is_made_and_closing_twice_is_fine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    index = world()
    assert ask(index, "tier:gold") == ["wang"]
    index.close()
    index.close()
    assert list(tmp_path.iterdir()) == []


def test_the_whole_catalogue_can_be_built_asked_for_and_shown():
    fields = catalog() + METRICS
    example = Row("C20240510001", "x", {"id": "C20240510001", "name": "王示例"}, {"spend": "5"})
    with build(fields, [example, ACME], CODES) as index:
        for field in fields:
            query = compile_query(f"{field.name}:*", fields, CODES, now=NOW)
            search(index, query, columns=[field.name], sort=[field.name, f"-{field.name}"])
        found = search(index, compile_query("王示例", fields, CODES, now=NOW), columns=["spend"])
        assert [hit.values["spend"] for hit in found] == ["5"]


def test_a_lone_surrogate_in_a_file_hides_nothing_else():
    with build(
        FIELDS, [Row("C1", "1", {"id": "C1", "name": "王\ud800芳", "tags": ["\udfff", "vip"]}, {})], CODES
    ) as index:
        assert ask(index, "name:王 tag:vip") == ["C1"]
