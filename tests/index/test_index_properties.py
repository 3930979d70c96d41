"""Any text is a query or is refused; what is found is what a plain scan of the trees finds."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from index_world import CODES, FIELDS, NOW, ask, world

from crmcli.errors import Invalid
from crmcli.index.build import build
from crmcli.index.numbers import moment_key, number_key
from crmcli.index.query import compile_query
from crmcli.index.rows import Row
from crmcli.index.search import by_prefix, count, exact, search
from crmcli.index.words import words
from crmcli.model.spelling import fold

SMALL = world()
PIECES = st.sampled_from(
    [
        "tier:",
        "gold",
        " ",
        "spend:",
        ">",
        "<=",
        "10",
        "-5",
        "[",
        "]",
        "{",
        "}",
        " TO ",
        "*",
        "(",
        ")",
        "-",
        "+",
        "NOT ",
        " AND ",
        " OR ",
        '"',
        "“",
        "”",
        "：",
        "（",
        "）",
        "\\",
        "王芳",
        "上门",
        "interaction.at:",
        "2024-05",
        "T09:30",
        "now-1m",
        "/",
        "~",
        "^",
        "?",
        "'",
        ":",
        "phone:",
        "138",
        "external.shop:",
        "external:",
        "region:",
        "北京市",
        "@",
        "email:",
        "\x00",
        "tag:",
        "interaction:",
        "custom.newsletter:",
        "是",
        "last_contact:",
    ]
)


def runs_or_is_refused(query: str) -> None:
    try:
        compiled = compile_query(query, FIELDS, CODES, now=NOW)
    except Invalid:
        return
    assert compiled.where.count("?") == len(compiled.params)
    hits = search(SMALL, compiled, columns=["name", "tag", "external"], limit=0)
    assert len(hits) == count(SMALL, compiled)


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=60))
def test_any_text_runs_or_is_refused(query):
    runs_or_is_refused(query)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_mixture_of_the_language_runs_or_is_refused(query):
    runs_or_is_refused(query)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(FIELDS), st.text(max_size=20))
def test_any_value_of_any_field_runs_or_is_refused(field, value):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    runs_or_is_refused(f'{field.name}:"{quoted}"')
    runs_or_is_refused(f'"{quoted}"')
    exact(SMALL, value)
    by_prefix(SMALL, value)


# --- the same as a scan -------------------------------------------------------------------------

ZONE = ZoneInfo("Asia/Shanghai")
TEXTS = st.text(alphabet="王芳上门 aAbé1,", max_size=6)
AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=6, allow_nan=False) | st.integers(-3, 3).map(
    Decimal
)
DAYS = st.dates(date(2023, 12, 30), date(2024, 3, 2))
MOMENTS = st.datetimes(datetime(2023, 12, 30), datetime(2024, 1, 3), timezones=st.sampled_from([ZONE, ZoneInfo("UTC")]))


@st.composite
def customers(draw):
    found = []
    for n in range(draw(st.integers(1, 5))):
        tree = {"id": f"C{n}", "name": draw(TEXTS), "tags": draw(st.lists(st.sampled_from(["vip", "new"]), max_size=2))}
        tree["interactions"] = [
            {"at": at.isoformat(timespec="minutes"), "summary": draw(TEXTS)}
            for at in draw(st.lists(MOMENTS, max_size=2))
        ]
        tree["transactions"] = [{"amount": format(draw(AMOUNTS), "f")} for _ in range(draw(st.integers(0, 2)))]
        metrics = {"spend": format(draw(AMOUNTS), "f"), "last_purchase": draw(DAYS).isoformat()}
        found.append(
            Row(f"C{n}", f"{n}", tree, {key: metrics[key] for key in draw(st.sets(st.sampled_from(sorted(metrics))))})
        )
    return found


def scan(rows, test):
    return {row.number for row in rows if test(row)}


def contains(value: str, sought: list[str], prefix: bool) -> bool:
    have = words(value)
    for start in range(len(have) - len(sought) + 1):
        part = have[start : start + len(sought)]
        if part == sought or (prefix and part[:-1] == sought[:-1] and part[-1].startswith(sought[-1])):
            return True
    return False


SIGNS = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "": lambda a, b: a == b,
}


@settings(max_examples=50, deadline=None)
@given(customers(), st.sampled_from(sorted(SIGNS)), AMOUNTS, DAYS, MOMENTS)
def test_comparisons_agree_with_a_scan(rows, sign, amount, day, moment):
    test = SIGNS[sign]
    with build(FIELDS, rows, CODES) as index:
        assert set(ask(index, f"spend:{sign}{amount:f}")) == scan(
            rows, lambda row: "spend" in row.metrics and test(Decimal(row.metrics["spend"]), amount)
        )
        assert set(ask(index, f"-sale.amount:{sign}{amount:f}")) == scan(
            rows, lambda row: not any(test(Decimal(sale["amount"]), amount) for sale in row.tree["transactions"])
        )
        assert set(ask(index, f"last_purchase:{sign}{day}")) == scan(
            rows,
            lambda row: "last_purchase" in row.metrics and test(date.fromisoformat(row.metrics["last_purchase"]), day),
        )
        assert set(ask(index, f"interaction.at:{sign}{day}")) == scan(
            rows, lambda row: any(test(at(entry).astimezone(ZONE).date(), day) for entry in row.tree["interactions"])
        )
        minute = moment.replace(second=0, microsecond=0)
        assert set(ask(index, f"interaction.at:{sign}{minute.isoformat(timespec='minutes')}")) == scan(
            rows, lambda row: any(test(at(entry), minute) for entry in row.tree["interactions"])
        )


def at(entry):
    return datetime.fromisoformat(entry["at"])


@settings(max_examples=40, deadline=None)
@given(customers(), AMOUNTS, AMOUNTS, st.booleans(), st.booleans())
def test_ranges_agree_with_a_scan(rows, low, high, with_low, with_high):
    query = f"{'[' if with_low else '{'}{low:f} TO {high:f}{']' if with_high else '}'}"

    def inside(text):
        value = Decimal(text)
        return (low <= value if with_low else low < value) and (value <= high if with_high else value < high)

    with build(FIELDS, rows, CODES) as index:
        assert set(ask(index, f"spend:{query}")) == scan(
            rows, lambda row: "spend" in row.metrics and inside(row.metrics["spend"])
        )
        assert set(ask(index, f"sale.amount:{query}")) == scan(
            rows, lambda row: any(inside(sale["amount"]) for sale in row.tree["transactions"])
        )


@settings(max_examples=50, deadline=None)
@given(customers(), TEXTS, st.booleans())
def test_text_agrees_with_a_scan(rows, text, quoted):
    sought = words(text)
    if not sought:
        return
    query = f'"{text}"' if quoted else "".join(text.split())
    sought = words(query)
    with build(FIELDS, rows, CODES) as index:
        name = scan(rows, lambda row: contains(row.tree["name"], sought, not quoted))
        said = scan(
            rows, lambda row: any(contains(entry["summary"], sought, not quoted) for entry in row.tree["interactions"])
        )
        assert set(ask(index, f"name:{query}")) == name
        assert set(ask(index, f"interaction.summary:{query}")) == said
        assert set(ask(index, query)) >= name | said
        assert set(ask(index, f"name:{query} tag:vip")) == name & scan(rows, lambda row: "vip" in row.tree["tags"])
        assert set(ask(index, f"-(name:{query} OR tag:vip)")) == scan(rows, lambda row: True) - name - scan(
            rows, lambda row: "vip" in row.tree["tags"]
        )


@given(st.text(alphabet="王芳上门京都市", min_size=1, max_size=12), st.data())
@settings(max_examples=40, deadline=None)
def test_every_substring_of_chinese_text_is_found(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    with build(FIELDS, [Row("C1", "1", {"id": "C1", "remarks": text}, {})], CODES) as index:
        assert ask(index, text[start:end]) == ["C1"]
        assert ask(index, f'remarks:"{text[start:end]}"') == ["C1"]


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=9),
    st.decimals(allow_nan=False, allow_infinity=False, places=9),
)
def test_the_key_of_a_number_sorts_like_the_number(one, other):
    keys = [number_key(format(number, "f")) for number in (one, other)]
    if None not in keys:
        assert (keys[0] < keys[1], keys[0] == keys[1]) == (one < other, one == other)


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.timezones()),
    st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.timezones()),
)
def test_the_key_of_a_moment_sorts_like_the_moment(one, other):
    keys = [moment_key(moment.isoformat()) for moment in (one, other)]
    if None not in keys:
        said = [datetime.fromisoformat(moment.isoformat()) for moment in (one, other)]
        assert (keys[0] < keys[1], keys[0] == keys[1]) == (said[0] < said[1], said[0] == said[1])


@given(st.text(max_size=20))
def test_folding_leaves_folded_words_alone(text):
    assert words(fold(text)) == words(text)
