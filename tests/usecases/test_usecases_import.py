"""`crm import` from the outside of its use case: customers, entries, refusals, what lands and what does not."""

from pathlib import Path

import pytest
from import_vault import NOW, PEOPLE, Desk, counts

from crmcli.errors import Conflict, Invalid, NotFound
from crmcli.store.history import log
from crmcli.usecases.import_ import Wanted, import_bytes

WANG = "individual,王芳,13800138000,北京市/朝阳区,store"
LI = "individual,李雷,139 0013 9000,上海市/浦东新区,referral"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_customers_land_in_one_commit_with_numbers_in_the_order_of_the_rows(desk: Desk) -> None:
    before = desk.head()
    outcome = desk.take(PEOPLE, WANG, LI)
    (commit, *_older) = log(desk.work.vault)
    assert commit.hash == outcome.commit
    assert commit.parents == (before,)
    assert len(commit.paths) == 2
    assert [(tree["id"], tree["name"], tree["phone"]) for tree in desk.trees()] == [
        ("C20261122001", "王芳", "+8613800138000"),
        ("C20261122002", "李雷", "+8613900139000"),
    ]
    assert [tree["status"] for tree in desk.trees()] == ["lead", "lead"]
    assert counts(outcome, "rows", "added", "rejected") == [2, 2, 0]
    assert "王芳" not in commit.subject
    assert desk.status() == b""


def test_a_dry_run_counts_the_same_and_writes_nothing(desk: Desk) -> None:
    before = desk.head()
    lines = (PEOPLE, WANG, "individual,无名,12,北京市/朝阳区,store")
    rehearsed = desk.take(*lines, dry_run=True)
    assert desk.head() == before
    assert desk.trees() == []
    assert not (desk.folder / "rejected.csv").exists()
    landed = desk.take(*lines)
    names = ("rows", "added", "updated", "unchanged", "rejected")
    assert counts(rehearsed, *names) == counts(landed, *names) == [2, 1, 0, 0, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headings_are_known_in_every_encoding(desk: Desk, encoding: str) -> None:
    outcome = desk.take(
        "客户种类\t姓名\t手机号\t所在地区\t来源渠道\t标签",
        "个人\t王芳\t13800138000\t北京朝阳\t门店\tvip，老客户",
        encoding=encoding,
    )
    (tree,) = desk.trees()
    assert (tree["kind"], tree["name"], tree["region"], tree["source"]) == (
        "individual",
        "王芳",
        "北京市/朝阳区",
        "store",
    )
    assert tree["tags"] == ["vip", "老客户"]
    assert outcome.data["encoding"] == encoding
    assert outcome.data["delimiter"] == "\t"


def test_headings_fold_width_and_case_and_name_groups_tables_and_custom_fields(desk: Desk) -> None:
    desk.take(
        "ＫＩＮＤ , Company,信用代码,行业,联系人,职位,Phone,Region,Source,external.shop,bank.account,发票类型",
        "企业,示例公司,91110000600037341L,零售,李示例,采购经理,010-12345678,北京朝阳,门店,A-7,6222,专用发票",
    )
    (tree,) = desk.trees()
    assert tree["external"] == {"shop": "A-7"}
    assert tree["bank"] == {"account": "6222"}
    assert tree["custom"] == {"invoice_kind": "special"}
    assert [(one["name"], one["position"]) for one in tree["contacts"]] == [("李示例", "采购经理")]


def test_the_kind_follows_from_a_field_that_only_one_kind_has(desk: Desk) -> None:
    desk.take("name,phone,region,source", "王芳,13800138000,北京市/朝阳区,store")
    assert desk.trees()[0]["kind"] == "individual"


def test_a_row_that_does_not_hold_is_rejected_with_field_message_and_expected(desk: Desk) -> None:
    outcome = desk.take(PEOPLE, WANG, "individual,张三,138x0013,北京市/朝阳区,store", LI)
    assert counts(outcome, "added", "rejected") == [2, 1]
    (finding,) = [one for one in outcome.findings if one.severity == "error"]
    assert (finding.where.line, finding.where.field) == (3, "phone")
    assert "138x0013" in finding.message
    assert finding.expected
    (row,) = desk.rejected()
    assert (row["name"], row["phone"], row["line"]) == ("张三", "138x0013", "3")
    assert row["reason"].startswith("phone: ")
    assert finding.expected in row["reason"]


def test_rejected_rows_are_corrected_and_imported_again(desk: Desk) -> None:
    desk.take(PEOPLE, WANG, "individual,=1+1,138x0013,北京市/朝阳区,store")
    path = desk.folder / "rejected.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(path.read_text("utf-8").replace("138x0013", "13700137000"), "utf-8")
    outcome = desk.take_file(path)
    assert counts(outcome, "added", "rejected") == [1, 0]
    assert desk.trees()[1]["name"] == "=1+1"


def test_rejected_rows_never_overwrite_a_file(desk: Desk) -> None:
    (desk.folder / "rejected.csv").write_text("mine")
    outcome = desk.take(PEOPLE, WANG, "individual,张三,1,北京市/朝阳区,store")
    assert (desk.folder / "rejected.csv").read_text() == "mine"
    assert outcome.data["rejects"] == str(desk.folder / "rejected-2.csv")
    assert len(desk.rejected("rejected-2.csv")) == 1


def test_when_no_row_holds_nothing_changes_and_the_reasons_are_told(desk: Desk) -> None:
    before = desk.head()
    with pytest.raises(Invalid) as caught:
        desk.take(PEOPLE, "individual,张三,1,北京市/朝阳区,store", "alien,李四,13700137000,北京市/朝阳区,store")
    assert caught.value.exit == 2
    assert {finding.where.field for finding in caught.value.findings} == {"phone", "kind"}
    assert str(desk.folder / "rejected.csv") in (caught.value.hint or "")
    assert len(desk.rejected()) == 2
    assert desk.head() == before
    assert desk.trees() == []


def test_required_fields_are_asked_for_unless_incomplete(desk: Desk) -> None:
    lines = ("kind,name", "individual,王芳")
    with pytest.raises(Invalid) as caught:
        desk.take(*lines)
    assert {finding.where.field for finding in caught.value.findings} == {"phone", "region", "source"}
    outcome = desk.take(*lines, incomplete=True)
    assert counts(outcome, "added") == [1]
    assert {one.where.field for one in outcome.findings} == {"phone", "region", "source"}
    assert {one.severity for one in outcome.findings} == {"warning"}


def test_a_phone_on_file_rejects_the_row_and_names_the_holder(desk: Desk) -> None:
    desk.take(PEOPLE, WANG)
    outcome = desk.take(PEOPLE, "individual,王小芳,+86 138 0013 8000,北京市/朝阳区,store", LI)
    assert counts(outcome, "added", "rejected") == [1, 1]
    assert "C20261122001" in desk.rejected()[0]["reason"]
    again = desk.take(PEOPLE, "individual,王小芳,+86 138 0013 8000,北京市/朝阳区,store", duplicate_ok=True)
    assert counts(again, "added", "rejected") == [1, 0]


def test_a_phone_twice_in_one_file_rejects_the_second_row(desk: Desk) -> None:
    outcome = desk.take(PEOPLE, WANG, WANG.replace("王芳", "王小芳"))
    assert counts(outcome, "added", "rejected") == [1, 1]
    assert "2" in desk.rejected()[0]["reason"]
    assert desk.rejected()[0]["line"] == "3"


def test_a_key_updates_who_is_on_file_and_empty_cells_leave_values_alone(desk: Desk) -> None:
    desk.take(PEOPLE, WANG, LI)
    outcome = desk.take("手机,姓名,owner,等级", "138-0013-8000,,li.na,金卡", "13900139000,李雷,,", key="phone")
    assert counts(outcome, "added", "updated", "unchanged") == [0, 1, 1]
    wang = desk.trees()[0]
    assert (wang["name"], wang["owner"], wang["tier"], wang["phone"]) == ("王芳", "li.na", "gold", "+8613800138000")
    assert wang["tier_history"][0]["tier"] == "gold"
    assert len(log(desk.work.vault)[0].paths) == 1


def test_two_rows_with_the_same_new_key_are_one_customer(desk: Desk) -> None:
    lines = ("external.shop,name,owner,kind", "7,王芳,,individual", "7,,li.na,")
    outcome = desk.take(*lines, key="external.shop", incomplete=True)
    assert counts(outcome, "rows", "added") == [2, 1]
    (tree,) = desk.trees()
    assert (tree["name"], tree["owner"]) == ("王芳", "li.na")


def test_the_number_is_a_key_but_never_given_by_a_file(desk: Desk) -> None:
    desk.take(PEOPLE, WANG)
    with pytest.raises(Invalid, match="given by the system"):
        desk.take("客户编号,owner", "C20261122001,li.na")
    outcome = desk.take("客户编号,owner", "C20261122001,li.na", "C20991231001,x", key="number")
    assert counts(outcome, "updated", "rejected") == [1, 1]
    assert "C20991231001" in desk.rejected()[0]["reason"]


def test_a_key_that_several_customers_hold_rejects_the_row_and_names_them(desk: Desk) -> None:
    desk.take(PEOPLE, WANG, WANG.replace("王芳", "王小芳"), duplicate_ok=True)
    with pytest.raises(Invalid) as caught:
        desk.take("phone,owner", "13800138000,li.na", key="phone")
    hint = caught.value.findings[0].hint or ""
    assert "C20261122001" in hint
    assert "C20261122002" in hint


def test_an_impossible_move_of_status_rejects_the_row(desk: Desk) -> None:
    desk.take(PEOPLE, WANG, LI)
    outcome = desk.take("phone,状态", "13800138000,archived", "13900139000,活跃", key="phone")
    assert counts(outcome, "updated", "rejected") == [1, 1]
    assert desk.rejected()[0]["reason"].startswith("status: ")
    assert [move["status"] for move in desk.trees()[1]["status_history"]] == ["lead", "active"]


def test_a_contact_named_again_is_the_same_contact(desk: Desk) -> None:
    desk.take(PEOPLE, WANG)
    desk.take("phone,联系人,职位", "13800138000,李示例,采购经理", key="phone")
    outcome = desk.take("phone,联系人,职位", "13800138000,李示例,总经理", "13800138000,赵示例,", key="phone")
    assert [one["name"] for one in desk.trees()[0]["contacts"]] == ["李示例", "赵示例"]
    assert desk.trees()[0]["contacts"][0]["position"] == "总经理"
    assert counts(outcome, "entries_added", "entries_updated") == [1, 1]


def test_a_file_is_imported_once_unless_again(desk: Desk) -> None:
    desk.take(PEOPLE, WANG)
    with pytest.raises(Conflict) as caught:
        desk.take(PEOPLE, WANG, name="copy.csv", key="phone")
    assert (caught.value.kind, caught.value.exit) == ("already-imported", 4)
    assert counts(desk.take(PEOPLE, WANG, key="phone", again=True), "unchanged") == [1]


def test_progress_runs_to_the_end(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []
    data = f"{PEOPLE}\n{WANG}\n{LI}\n".encode()
    import_bytes(desk.work, data, "stdin", Wanted(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_bad_file_of_another_customer_is_named_and_stops_nothing(desk: Desk) -> None:
    desk.take(PEOPLE, WANG)
    bad = desk.work.root / f"records/{NOW:%Y/%m}/C20261122009.yaml"
    bad.write_text("id: C20261122009\nnonsense: 1\n")
    outcome = desk.take(PEOPLE, LI)
    assert counts(outcome, "added") == [1]
    assert any((finding.where.path or "").endswith("C20261122009.yaml") for finding in outcome.findings)


def test_a_refused_commit_leaves_nothing_behind(desk: Desk) -> None:
    hook = desk.work.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    hook.chmod(0o755)
    before = desk.head()
    with pytest.raises(Conflict):
        desk.take(PEOPLE, WANG, "individual,张三,1,北京市/朝阳区,store")
    assert desk.head() == before
    assert desk.trees() == []
    assert not (desk.folder / "rejected.csv").exists()


def test_a_file_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.take_file(desk.folder / "none.csv")


def test_another_spelling_of_the_key_is_no_change(desk: Desk) -> None:
    desk.take(f"{PEOPLE},email", f"{WANG},wang@example.com")
    outcome = desk.take("email,name", "WANG@EXAMPLE.COM,王芳", key="email")
    assert counts(outcome, "updated", "unchanged") == [0, 1]


def test_of_two_rows_about_one_customer_only_the_one_that_does_not_hold_is_rejected(desk: Desk) -> None:
    lines = ("external.shop,kind,name,birthday", "7,individual,王芳,", "7,,,1990-02-30")
    outcome = desk.take(*lines, key="external.shop", incomplete=True)
    assert counts(outcome, "added", "rejected") == [1, 1]
    assert desk.rejected()[0]["line"] == "3"
    assert "birthday" not in desk.trees()[0]
