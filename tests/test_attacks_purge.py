"""Attacks by false plans, approvals and certificates: nothing is destroyed by them, and nothing destroyed comes back."""

import re
from pathlib import Path

import pytest
from attack_world import CERTIFICATE, CUSTOMERS, NAME, ONE, PLAN, SHANG, TWO, WANG, arrives, audited, live, put
from people import Person

pytest_plugins = ["attack_world"]


def forged(by: Person, text: str, path: str = CERTIFICATE, *, signed: bool = True) -> str:
    """A certificate put in with git, the file deleted beside it."""
    (by.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (by.folder / path).write_text(text)
    (by.folder / path.replace("purged/", "")).unlink()
    return by.keep_signed() if signed else by.keep()


def destroys_nothing(zhao: Person, made: str, why: str) -> None:
    """The certificate is named each time, until it is gone; no key is lost by it, and the file can be brought back."""
    before = live(zhao)
    for _again in range(2):
        told = zhao("list")
        assert "A certificate that is not authorised destroys nothing" in told.err, told
        assert re.search(why, told.err), told.err
        assert made[:12] in told.err
    assert "not authorised" in zhao("purge", "list").out
    assert live(zhao) == before == 2
    zhao.git("revert", "--no-edit", made)
    assert "张伟" in zhao.done("show", TWO)
    told = zhao("show", ONE)
    assert (NAME in told.out, told.err) == (True, "")


def test_the_honest_way_destroys_everywhere(approved_team: list[Person]) -> None:
    zhao, li, wang = approved_team
    assert [live(one) for one in approved_team] == [2, 2, 2]
    zhao.done("purge", "run", "--yes")
    zhao.push()
    for one in (li, wang):
        one.pull().done("list")
    assert [live(one) for one in approved_team] == [1, 1, 1]
    assert zhao.done("audit") == ""


@pytest.mark.parametrize("signed", [False, True])
def test_a_certificate_by_somebody_not_entitled_destroys_nothing(
    approved_team: list[Person], certificate: str, signed: bool
) -> None:
    zhao, li, _wang = approved_team
    made = forged(li, certificate, signed=signed)
    li.push()
    audited(zhao.pull(), made, "certificate")
    destroys_nothing(zhao, made, "li.na may not destroy" if signed else "not signed")


def test_a_certificate_of_a_plan_that_nobody_approved_destroys_nothing(planned: list[Person], certificate: str) -> None:
    zhao, _li, wang = planned
    made = forged(wang, certificate)
    wang.push()
    destroys_nothing(zhao.pull(), made, "Its plan is not approved")


def test_a_certificate_for_somebody_whom_no_plan_lists_destroys_nothing(
    approved_team: list[Person], certificate: str
) -> None:
    zhao, _li, wang = approved_team
    one, two = (str(zhao.tree(path)["uid"]) for path in (WANG, SHANG))
    path = CERTIFICATE.replace(TWO, ONE)
    made = forged(wang, certificate.replace(two, one).replace(TWO, ONE), path)
    wang.push()
    destroys_nothing(zhao.pull(), made, "No plan lists this customer")


def test_a_certificate_that_names_another_customers_uid_destroys_nothing(
    approved_team: list[Person], certificate: str
) -> None:
    zhao, _li, wang = approved_team
    one, two = (str(zhao.tree(path)["uid"]) for path in (WANG, SHANG))
    made = forged(wang, certificate.replace(two, one))
    wang.push()
    destroys_nothing(zhao.pull(), made, "No plan lists this customer")


def test_a_plan_changed_after_its_approval_is_not_carried_out(approved_team: list[Person], certificate: str) -> None:
    zhao, li, wang = approved_team
    one, two = (str(li.tree(path)["uid"]) for path in (WANG, SHANG))
    text = (li.folder / PLAN).read_text()
    (li.folder / PLAN).write_text(text.replace(two, one).replace(TWO, ONE))
    arrives(zhao, li, li.keep_signed)
    assert "was changed after its approval" in zhao.refused(5, "purge", "run", "2026-11-22", "--yes")
    assert "waits for approval" in zhao.done("purge", "run", "--yes")
    blob = wang.pull().git("rev-parse", f"HEAD:{PLAN}").strip()
    path = CERTIFICATE.replace(TWO, ONE)
    named = re.sub(r"plan_file: .*", f"plan_file: {blob}", certificate).replace(two, one).replace(TWO, ONE)
    made = forged(wang, named, path)
    wang.push()
    before = live(zhao.pull())
    destroys_nothing(zhao, made, "Its plan is not approved|No plan lists this customer")
    assert before == 2


def test_whoever_planned_cannot_approve_under_anothers_name(planned: list[Person]) -> None:
    zhao, li, wang = planned
    blob = li.git("rev-parse", f"HEAD:{PLAN}").strip()
    ident = ("-c", f"user.name={wang.name}", "-c", f"user.email={wang.email}")
    said = f"approve\n\nCrm-Op: purge approve\nCrm-Approval: {PLAN} {blob}\n"
    li.git(*ident, "commit", "-q", "--allow-empty", "--no-verify", "--no-gpg-sign", "-m", said)
    li.push()
    zhao.pull()
    assert "not signed by anybody" in zhao.refused(5, "purge", "run", "2026-11-22", "--yes")
    assert zhao.refused(5, "purge", "approve", "2026-11-22")
    audited(zhao, li.head())


def test_a_plan_put_in_under_anothers_name_is_not_approved_and_a_new_one_is_made(planned: list[Person]) -> None:
    """Wang would approve her own plan by naming Zhao in it, unsigned."""
    zhao, _li, wang = planned
    path = PLAN.replace("22", "21")
    (wang.folder / path).write_text((wang.folder / PLAN).read_text())
    (wang.folder / PLAN).unlink()
    wang.keep("--author", f"{zhao.name} <{zhao.email}>")
    assert "not signed by those who made it" in wang.refused(5, "purge", "approve", "2026-11-21")
    wang.push()
    zhao.pull().done("purge", "plan")
    assert len(list((zhao.folder / PLAN).parent.iterdir())) == 2


def test_a_policy_changed_by_somebody_not_entitled_destroys_nothing(approved_team: list[Person]) -> None:
    zhao, li, _wang = approved_team
    put(li, "schemas/retention.yaml", "role: legal", "role: sales")
    made = arrives(zhao, li, li.keep_signed)
    for words in (("plan",), ("run", "--yes"), ("approve", "2026-11-22"), (ONE, "--request", "--yes")):
        assert made[:12] in zhao.refused(7, "purge", *words)


@pytest.mark.parametrize("how", ["deleted", "changed"])
def test_a_certificate_deleted_or_changed_afterwards_brings_nothing_back(purged: list[Person], how: str) -> None:
    zhao, li, wang = purged
    file = li.folder / CERTIFICATE
    if how == "deleted":
        file.unlink()
        li.git("checkout", "-q", "HEAD~1", "--", SHANG)
    else:
        file.write_text(file.read_text().replace("ended", "other"))
    made = arrives(zhao, li, li.keep_signed)
    audited(zhao, made, "certificate")
    wang.pull()("list")  # the first time that Wang's crm sees the honest certificate
    assert [live(zhao), live(wang)] == [1, 1]
    if how == "deleted":
        assert "张伟" not in zhao.done("show", TWO)
        assert zhao("interaction", "add", TWO, "--channel", "call", "--summary", "金丝雀").exit == 5


def test_a_destroyed_number_is_never_used_again(purged: list[Person]) -> None:
    zhao, li, _wang = purged
    old = li.git("show", f"HEAD~1:{SHANG}")
    for key in ("id", "number"):
        assert zhao("add", "--file", "-", stdin=f"{key}: {TWO}\n{CUSTOMERS[1]}".encode()).exit == 2
    csv = f"客户编号,备注\n{TWO},回来了\n".encode()
    (zhao.world / "in.csv").write_bytes(csv)
    assert zhao("import", str(zhao.world / "in.csv"), "--key", "number").exit != 0
    (zhao.folder / SHANG).write_text(old)
    assert "never used again" in zhao("commit").err
    (zhao.folder / SHANG).unlink()
    (li.folder / SHANG).write_text(old)
    made = arrives(zhao, li)
    told = zhao("check")
    assert (told.exit, "the number is never used again" in told.out) == (6, True)
    audited(zhao, made)
    assert "张伟" not in zhao.done("show", TWO)
    zhao.on("2024-05-10").done("add", "--file", "-", stdin=CUSTOMERS[1].encode())
    assert not (zhao.folder / SHANG.replace("0002", "0004")).exists()


def test_the_uid_of_a_destroyed_customer_gets_no_new_key(purged: list[Person]) -> None:
    zhao, _li, _wang = purged
    uid = re.search(r"^uid: (.*)$", (zhao.folder / CERTIFICATE).read_text(), re.MULTILINE)
    assert uid
    path = "records/2024/05/C20240510009.yaml"
    (zhao.folder / path).write_text(f"id: C20240510009\nuid: {uid[1]}\nkind: individual\nname: 张伟\nstatus: lead\n")
    assert "nothing new is sealed for them" in zhao.refused(6, "commit")
    assert live(zhao) == 1


def test_a_kit_from_before_brings_no_destroyed_key_back(approved_team: list[Person], tmp_path: Path) -> None:
    zhao, li, wang = approved_team
    stick = tmp_path / "stick"
    wang.done("keys", "export", "--for", "li.na", str(stick))
    wang.push()
    zhao.pull().done("purge", "run", "--yes")
    zhao.push()
    li.pull().done("list")
    assert "1 left out: " in li.done("keys", "import", str(stick))
    assert live(li) == 1
    (file,) = li.data.rglob("salts")
    file.unlink()
    li.done("keys", "import", str(stick))
    li.done("list")
    assert live(li) == 1


def test_old_files_put_back_on_the_machine_are_emptied_again(approved_team: list[Person]) -> None:
    zhao, _li, _wang = approved_team
    (file,) = zhao.data.rglob("salts")
    old = file.read_bytes()
    zhao.done("purge", "run", "--yes")
    file.write_bytes(old)
    assert live(zhao) == 2
    zhao.done("list")
    assert live(zhao) == 1
