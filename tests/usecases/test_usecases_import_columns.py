"""Headings of an imported file: what is known, what is refused with a hint, what --map and --key change."""

from dataclasses import replace
from pathlib import Path

import pytest
from import_vault import Desk

from crmcli.errors import CrmError, Invalid
from crmcli.model.derive import catalog
from crmcli.usecases.house_rules import load
from crmcli.usecases.import_mapping import Mapper, subject_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def refused(desk: Desk, *lines: str, **wanted: object) -> CrmError:
    before = desk.head()
    with pytest.raises(Invalid) as caught:
        desk.take(*lines, **wanted)
    assert desk.head() == before
    assert desk.trees() == []
    assert caught.value.exit == 2
    return caught.value


def test_every_unknown_heading_is_named_with_its_line_the_nearest_and_a_way_out(desk: Desk) -> None:
    error = refused(desk, "", "name,phnoe,星座", "王芳,1,2")
    assert [(one.where.line, one.where.field) for one in error.findings] == [(2, "phnoe"), (2, "星座")]
    assert "phone" in (error.findings[0].hint or "")
    assert "--map 星座=" in (error.findings[1].hint or "")


def test_a_heading_of_purchases_among_customers_says_where_it_belongs(desk: Desk) -> None:
    error = refused(desk, "姓名,订单号", "王芳,O9")
    assert "--as transactions" in (error.hint or "")
    assert "Did you mean" not in (error.hint or "")


def test_a_mapped_heading_is_what_the_person_says(desk: Desk) -> None:
    desk.take("称呼,序号,kind", "王芳,第十七,individual", mapping=["称呼=姓名", "序号=-"], incomplete=True)
    (tree,) = desk.trees()
    assert tree["name"] == "王芳"
    assert "第十七" not in str(tree)


@pytest.mark.parametrize(("mapping", "said"), [(["称呼"], "称呼"), (["无=name"], "无"), (["姓名=nmae"], "nmae")])
def test_a_mapping_that_does_not_hold_is_refused(desk: Desk, mapping: list[str], said: str) -> None:
    assert said in refused(desk, "姓名", "王芳", mapping=mapping).message


def test_two_columns_of_one_field_are_refused(desk: Desk) -> None:
    error = refused(desk, "phone,name,手机", "1,2,3")
    assert "phone" in error.message
    assert "手机" in error.message
    assert error.hint == "--map 手机=-"


def test_a_heading_that_may_mean_two_fields_names_both(desk: Desk) -> None:
    declared = "".join(f"  {name}:\n    type: line\n    zh: 会员等级\n    en: {name}\n" for name in ("a", "b"))
    (desk.work.root / "schemas/custom-fields.yaml").write_text(f"fields:\n{declared}")
    desk.work = replace(desk.work, house=load(desk.work.vault))
    error = refused(desk, "name,会员等级", "王芳,x")
    assert "custom.a" in error.message
    assert "custom.b" in error.message


def test_a_column_without_a_heading_is_refused_unless_it_is_empty(desk: Desk) -> None:
    assert "2" in refused(desk, "name,,kind", "王芳,x,individual").message
    desk.take("name,,kind,", "王芳,,individual,", incomplete=True)
    assert desk.trees()[0]["name"] == "王芳"


@pytest.mark.parametrize("subject", ["customers", "transactions", "interactions", "contacts", "sites"])
def test_every_field_is_known_by_its_name_both_labels_and_every_heading_it_declares(subject: str) -> None:
    fields = {field.name: field for field in catalog()}
    meant = subject_of(subject)
    mapper = Mapper(meant, fields, None, {}, "in.csv")
    word = meant.noun.word if meant.noun else None
    for field in fields.values():
        if field.noun == word and not field.assigned and not field.table:
            for heading in (field.name, field.zh, field.en.upper(), *field.headings):
                (column,) = mapper.columns([heading], 1, [])
                assert column.field == field, heading


@pytest.mark.parametrize("key", ["nothing", "external", "tag", "sale.product"])
def test_a_key_that_tells_no_customers_apart_is_refused(desk: Desk, key: str) -> None:
    assert key in refused(desk, "name", "王芳", key=key).message


def test_a_key_without_a_column_is_refused(desk: Desk) -> None:
    assert "phone" in refused(desk, "name", "王芳", key="手机").message
