"""What destroys a key and what does not: the certificate's signer, the plan, its approval, each as the history has them."""

import subprocess
from collections.abc import Sequence
from datetime import datetime

import pytest
from conftest import VAULT_ID
from trust_world import ACCESS, KEYS, World, access, identity, keys, sealed_world

from crmcli.model.house import Completeness, House, Settings
from crmcli.model.identity import certificate_path, record_path
from crmcli.sealing.cipher import salt_id
from crmcli.store.journal import blob_hash
from crmcli.usecases.erasure import Erased, erase_certified
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.workplace import Workplace

NUMBER, OTHER = "C20240510001", "C20240510002"
UID, SECOND = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "5Z8K2M9QXA7PDR1TVW3BNC5GHJ"
SALT = bytes(range(32))
PLAN = "records/plans/2026-11-22.yaml"
POLICY = """\
rules:
  ended:
    zh: 合作终止
    en: ended
    clause: 保存 2 年
    after: ended
    term: 2y
approval:
  role: legal
"""
TEAM = ("zhao.min", "li.na", "wang.fang", "sun.yu")
HOUSE = House(Settings.model_validate({"id": VAULT_ID, "format": "1"}), {}, (), {}, Completeness(required={}))
NOW = datetime.fromisoformat("2026-11-22T09:30+08:00")


class Case:
    """A vault of a team with one customer whose salt is here."""

    def __init__(self, world: World, names: Sequence[str] = TEAM) -> None:
        self.world = world
        files = {ACCESS: access(2, names), KEYS: keys(), "schemas/retention.yaml": POLICY}
        world.commit("zhao.min", files)
        self.files = {number: f"id: {number}\nuid: {uid}\nkind: individual\n" for number, uid in
                      ((NUMBER, UID), (OTHER, SECOND))}  # fmt: skip
        world.commit("li.na" if "li.na" in names else "zhao.min", {record_path(n): t for n, t in self.files.items()})
        self.keyring = Keyring(VAULT_ID, world.homes, identity("zhao.min"), world.trusted())
        self.keyring.store.add([(UID, salt_id(SALT), SALT), (SECOND, salt_id(SALT[::-1]), SALT[::-1])])

    def plan(
        self,
        by: str = "li.na",
        number: str = NUMBER,
        uid: str = UID,
        path: str = PLAN,
        signer: str | None = "",
        file: str | None = None,
    ) -> str:
        """Commit a plan; the hash of its file. `signer`: who really made the one that names `by`; `file`: the hash of the
        customer's file, where it is another one."""
        text = (
            f'format: "1"\nmade_on: "2026-11-22"\nrequested_by: {by} <{by}@example.invalid>\npolicy: {"0" * 40}\n'
            f"items:\n  - number: {number}\n    uid: {uid}\n    rule: ended\n    clause: c\n"
            f'    due: "2026-11-22"\n    file: "{file or blob_hash(self.files[number].encode(), "sha1")}"\n'
        )
        self.world.commit(by if signer == "" else signer, {path: text}, author=by)
        return blob_hash(text.encode(), "sha1")

    def approve(self, by: str | None, plan: str, path: str = PLAN, **more: object) -> None:
        """Commit an approval of the plan with that hash."""
        self.world.commit(by, {}, message=f"approve\n\nCrm-Approval: {path} {plan}\n", **more)  # type: ignore[arg-type]

    def certify(self, by: str | None, plan: str, number: str = NUMBER, uid: str = UID, deleted: bool = False) -> None:
        """Commit a certificate; `deleted`: one of an open vault."""
        text = (
            f'format: "1"\nnumber: {number}\nuid: {uid}\nkind: customer-file\n'
            "destroyed_at: 2026-11-22T09:30+08:00\nmethod: key-destroyed\nrule: ended\nclause: c\n"
            "requested_by: li.na <li.na@example.invalid>\napproved_by: sun.yu <sun.yu@example.invalid>\n"
            f"destroyed_by: wang.fang <wang.fang@example.invalid>\nplan: {PLAN}\nplan_file: {plan}\nhistory: unreadable\n"
        )
        if deleted:
            text = text.replace("key-destroyed", "file-deleted").replace("unreadable", "not reached")
        self.world.commit(by, {certificate_path(number): text})

    def erase(self) -> Erased:
        """What any command does when it opens the vault."""
        ring = Keyring(VAULT_ID, self.world.homes, identity("zhao.min"), self.world.trusted())
        work = Workplace(self.world.vault, HOUSE, NOW, turned=True, keyring=ring)
        return erase_certified(work)

    def kept(self, why: str) -> None:
        """Nothing was destroyed, and the certificate is named each time."""
        for _turn in range(2):
            done = self.erase()
            assert done.numbers == ()
            assert [why in finding.message and finding.damaged for finding in done.findings] == [True], done.findings
        assert self.keyring.store.of(UID)
        assert self.keyring.store.of(SECOND)

    def gone(self) -> None:
        """The customer's salt was destroyed, once, and nobody else's."""
        assert self.erase() == Erased((NUMBER,), ())
        assert self.erase() == Erased((), ())
        assert not self.keyring.store.of(UID)
        assert self.keyring.store.purged(UID)
        assert self.keyring.store.of(SECOND)


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(sealed_world(tmp_path)[0])


def test_an_approved_plan_and_an_entitled_signer_destroy(case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.gone()


@pytest.mark.parametrize(
    ("by", "why"),
    [(None, "It is not signed."), ("mallory", "a device that is not listed"), ("li.na", "li.na may not destroy")],
)
def test_who_may_not_destroys_nothing(by: str | None, why: str, case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify(by, plan)
    case.kept(why)


@pytest.mark.parametrize("by", [None, "mallory", "li.na", "wang.fang"])
def test_in_a_team_a_plan_that_nobody_entitled_approved_destroys_nothing(by: str | None, case: Case) -> None:
    plan = case.plan()
    case.approve(by, plan)
    case.certify("wang.fang", plan)
    case.kept("not approved")


def test_nobody_approves_their_own_plan(case: Case) -> None:
    plan = case.plan(by="sun.yu")
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.kept("not approved")


@pytest.mark.parametrize("signer", [None, "mallory", "wang.fang", "sun.yu"])
def test_a_plan_in_the_name_of_somebody_who_did_not_sign_it_destroys_nothing(signer: str | None, case: Case) -> None:
    plan = case.plan(signer=signer)
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.kept("not approved")


def test_a_plan_that_somebody_unsigned_had_a_hand_in_destroys_nothing(case: Case) -> None:
    case.plan(signer=None)
    case.plan(number=OTHER, uid=SECOND)
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.kept("not approved")


def test_what_happens_to_a_plan_after_its_approval_takes_nothing_back(case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.world.commit(None, {PLAN: "spoilt: later\n"})
    case.gone()


@pytest.mark.parametrize(("by", "counts"), [("li.na", False), (None, False), ("wang.fang", True)])
def test_an_approval_counts_only_under_a_policy_of_a_manager(by: str | None, counts: bool, case: Case) -> None:
    """Whoever gives the right to approve to their own role has given nothing."""
    case.world.commit(by, {"schemas/retention.yaml": POLICY.replace("role: legal", "role: sales")})
    plan = case.plan(by="wang.fang")
    case.approve("li.na", plan)
    case.certify("wang.fang", plan)
    case.gone() if counts else case.kept("not approved")


def test_an_approval_counts_only_by_the_trusted_team_before_it(case: Case) -> None:
    """Whoever gives themselves the role in the very commit that approves has not approved."""
    plan, trusted = case.plan(by="wang.fang"), access(2, TEAM)
    grabbed = access(3, TEAM, {"zhao.min": "admin", "li.na": "legal", "wang.fang": "manager", "sun.yu": "legal"})
    case.world.commit("li.na", {ACCESS: grabbed}, message=f"approve\n\nCrm-Approval: {PLAN} {plan}\n")
    case.world.commit("zhao.min", {ACCESS: trusted})
    case.certify("wang.fang", plan)
    case.kept("not approved")


def test_a_plan_changed_after_its_approval_destroys_nothing(case: Case) -> None:
    approved = case.plan(number=OTHER, uid=SECOND)
    case.approve("sun.yu", approved)
    changed = case.plan()
    case.certify("wang.fang", changed)
    case.kept("not approved")


def test_a_certificate_about_another_customer_than_the_plan_destroys_nothing(case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan, uid=SECOND)
    case.kept("No plan lists this customer.")


def test_a_plan_with_the_uid_of_another_customer_destroys_nothing_in_a_team_of_one(tmp_path) -> None:
    case = Case(sealed_world(tmp_path)[0], ("zhao.min",))
    plan = case.plan(by="zhao.min", uid=SECOND)
    case.certify("zhao.min", plan, uid=SECOND)
    case.kept("No plan lists this customer.")


def test_a_plan_that_means_a_file_nobody_has_destroys_nothing(case: Case) -> None:
    """With an honest customer's number and another one's uid it would pass by whatever keeps the other's file."""
    plan = case.plan(uid=SECOND, file="ab" * 20)
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan, uid=SECOND)
    case.kept("No plan lists this customer.")


def test_a_team_of_one_needs_no_other_person(tmp_path) -> None:
    case = Case(sealed_world(tmp_path)[0], ("zhao.min",))
    case.certify("zhao.min", case.plan(by="zhao.min"))
    case.gone()


def test_a_certificate_that_was_deleted_later_has_destroyed_all_the_same(case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.world.commit("li.na", {certificate_path(NUMBER): None})
    case.gone()


def test_somebody_elses_edit_of_an_authorised_certificate_is_no_new_one(case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    path = certificate_path(NUMBER)
    text = (case.world.root / path).read_text()
    case.world.commit("li.na", {path: text.replace("clause: c", "clause: d")})
    case.gone()


def test_a_salt_of_two_that_an_interrupted_command_left_is_destroyed(case: Case) -> None:
    more = bytes(32)
    case.keyring.store.add([(UID, salt_id(more), more)])
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    data = case.keyring.store.path.read_bytes()
    at = data.index(UID.encode()) + 36
    case.keyring.store.path.write_bytes(data[:at] + b"=" * 43 + data[at + 43 :])
    assert case.erase().numbers == (NUMBER,)
    assert not case.keyring.store.of(UID)


def test_a_certificate_as_open_vaults_have_it_destroys_nothing(case: Case) -> None:
    case.certify(None, case.plan(), deleted=True)
    erased = case.erase()
    assert (erased.numbers, len(erased.findings)) == ((), 1)
    assert case.keyring.store.of(UID)


def test_an_older_file_of_salts_that_was_put_back_is_looked_at_though_as_many_are_gone(case: Case) -> None:
    older = case.keyring.store.path.read_bytes()
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.gone()
    case.keyring.store.path.write_bytes(older)
    case.keyring.store.destroy([UID[::-1]])
    assert case.erase() == Erased((NUMBER,), ())


def test_what_anybody_writes_into_a_commit_is_no_other_commit(case: Case) -> None:
    plan = case.plan(by="mallory")
    case.certify(None, plan)
    makers = [case.world.commit(by, {}, message="work\n") for by in ("wang.fang", "sun.yu")]
    day = "2026-11-22T00:00:00+00:00"
    for record, field, end in (("\x1e", "\x1f", "\x1f"), ("\0", "\0", "\0"), ("\n", "\0", "\0:\0")):
        lines = (certificate_path(NUMBER), f"Crm-Approval: {PLAN} {plan}")
        parts = [(made, "", "x", "x@x", day, "s", line, line) for made in makers for line in lines]
        said = f"x{field}{field}{''.join(record + field.join(part) + end for part in parts)}"
        text = (case.world.root / certificate_path(NUMBER)).read_text() + "# x\n"
        try:
            case.world.commit(None, {certificate_path(NUMBER): text}, message=f"{said}\n\n{lines[1]}\n")
        except subprocess.CalledProcessError:
            assert "\0" in said  # git itself refuses the zero byte
    done = case.erase()
    assert done.numbers == ()
    assert done.findings
    assert case.keyring.store.of(UID)


def test_a_file_name_of_two_lines_hides_no_certificate(case: Case) -> None:
    plan = case.plan()
    case.approve("sun.yu", plan)
    case.certify("wang.fang", plan)
    case.world.commit("li.na", {"records/purged/x\nHEAD:schemas/vault.yaml": "x", "records/purged/2026/x\r.yaml": "x"})
    case.gone()
