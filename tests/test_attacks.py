"""Attacks by people who can write to the repository or to a machine: each test says what is detected, or that it is not.

Li is in sales: she has a clone, signs, and may push. What she changes by hand is committed past the hook. Zhao, the
admin, and Wang, of the legal department, are those who must notice.
"""

import base64
import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bytesearch import needles, search
from people import Ended, Person, begun_with, founded, let_in

from crmcli.model.fields import Level
from crmcli.sealing.identity import new_identity
from crmcli.sealing.masters import fingerprint, new_master, wrap

WANG, SHANG = "records/2024/05/C20240510001.yaml", "records/2024/05/C20240510002.yaml"
ONE, TWO = "C20240510001", "C20240510002"
ACCESS, KEYS, SETTINGS, CUSTOM = (f"schemas/{name}.yaml" for name in ("access", "keys", "vault", "custom-fields"))
NAME, PHONE, EMAIL, ID = "王金丝雀", "+8613812345678", "canary.bird@example.com", "11010519491231002X"
CUSTOMERS = (
    f"""\
kind: individual
name: {NAME}
phone: "{PHONE}"
email: {EMAIL}
id_number: {ID}
region: 北京市/朝阳区
source: store
remarks: 周末联系金丝雀
status: active
tier: gold
custom:
  member_card: "88001234"
interactions:
  - at: "2024-05-10T09:30+08:00"
    channel: call
    summary: 询问新品
  - at: "2024-05-10T10:30+08:00"
    channel: call
    summary: 改约周五
""",
    """\
kind: individual
name: 张伟
phone: "+8613900139000"
id_number: "310115198001010016"
region: 上海市/浦东新区
source: referral
""",
)
State = tuple[Path, list[Person]]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    """Three people who all stand on the same commit."""
    world = tmp_path_factory.mktemp("attacked") / "world"
    zhao = founded(world, "zhao.min", *CUSTOMERS)
    li, wang = (let_in(zhao, Person(world, name), role) for name, role in (("li.na", "sales"), ("wang.fang", "legal")))
    return world, [zhao, li.pull(), wang]


@pytest.fixture
def people(state: State, tmp_path: Path) -> list[Person]:
    """Zhao, Li and Wang."""
    return begun_with(state[0], tmp_path / "world", *state[1])


def token(person: Person, path: str, name: str) -> str:
    """The first sealed value under this key."""
    found = re.search(rf"^[ -]*{name}: (ENC\[.*\])$", (person.folder / path).read_text(), re.MULTILINE)
    assert found
    return found[1]


def put(person: Person, path: str, old: str, new: str) -> None:
    person.change(path, old, new)


def arrives(at: Person, by: Person, keep: Callable[[], str] | None = None) -> str:
    """Li's hand edit is committed, pushed and pulled; the commit."""
    made = (keep or by.keep)()
    by.push()
    at.pull()
    return made


def silent(*ended: Ended) -> None:
    """No value of any customer is said."""
    for one in ended:
        for value in (PHONE, PHONE[3:], EMAIL, ID, "13900139000", "13655556666"):
            assert value not in one.err


def named(person: Person, field: str, words: str, *, number: str = ONE) -> None:
    """Whoever reads the customer is told which value is not what it must be, and sees the rest; nothing is written."""
    shown, checked, listed = person("show", number), person("check"), person("list")
    assert shown.exit == checked.exit == 7, (shown, checked)
    assert listed.exit == 7
    for said in (shown.err, checked.out):
        assert field in said
        assert re.search(words, said), said
    assert re.search(r"Region +(北京|上海)", shown.out)
    silent(shown, checked, listed)


def audited(person: Person, commit: str, kind: str = "unsigned", code: int = 6) -> None:
    """`crm audit` names the commit."""
    told = person("audit")
    assert told.exit == code, told
    assert re.search(rf"{commit[:12]}.*{kind}", told.out), told.out


# Sealed values moved and altered


def moved(person: Person, source: tuple[str, str], target: tuple[str, str]) -> None:
    put(person, target[0], token(person, *target), token(person, *source))


ALTERED = {
    "to another field": ("email", lambda one: moved(one, (WANG, "phone"), (WANG, "email"))),
    "label raised": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential", "phone: ENC[1,restricted")),
    "label lowered": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential", "phone: ENC[1,internal")),
    "open label": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential", "phone: ENC[1,open")),
    "from a lower level": ("phone", lambda one: moved(one, (WANG, "name"), (WANG, "phone"))),
    "from a higher level": ("name", lambda one: moved(one, (WANG, "id_number"), (WANG, "name"))),
    "another generation": (
        "phone",
        lambda one: put(one, WANG, "phone: ENC[1,confidential.1", "phone: ENC[1,confidential.2"),
    ),
    "generation 0": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential.1", "phone: ENC[1,confidential.0")),
    "another format": ("phone", lambda one: put(one, WANG, "phone: ENC[1,", "phone: ENC[2,")),
    "truncated": (
        "phone",
        lambda one: put(one, WANG, token(one, WANG, "phone"), token(one, WANG, "phone")[:-44] + "]"),
    ),
    "cut off": ("phone", lambda one: put(one, WANG, token(one, WANG, "phone"), token(one, WANG, "phone")[:-1])),
    "a bit flipped": (
        "phone",
        lambda one: put(one, WANG, token(one, WANG, "phone"), flipped(token(one, WANG, "phone"))),
    ),
    "nothing in it": ("phone", lambda one: put(one, WANG, token(one, WANG, "phone"), "ENC[]")),
    "an open field": (
        "region",
        lambda one: put(one, WANG, "region: 北京市/朝阳区", f"region: {token(one, WANG, 'phone')}"),
    ),
}


def flipped(text: str) -> str:
    """The first character of the body is another one."""
    at = text.rindex(",") + 1
    return f"{text[:at]}{'B' if text[at] == 'A' else 'A'}{text[at + 1 :]}"


@pytest.mark.parametrize(("field", "alter"), ALTERED.values(), ids=list(ALTERED))
def test_an_altered_value_is_named_and_the_rest_is_shown(
    people: list[Person], field: str, alter: Callable[[Person], None]
) -> None:
    zhao, li, _wang = people
    alter(li)
    made = arrives(zhao, li)
    if field != "region":
        named(zhao, field, "altered|moved|lower|not a well-formed|names a key that does not exist")
    else:
        assert zhao("check").exit in (6, 7)
    audited(zhao, made)
    zhao.done("undo", made, "--reason", "correction")
    assert zhao.done("check") == ""
    assert NAME in zhao.done("show", ONE)


def test_values_of_entries_exchanged_are_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    text = (li.folder / WANG).read_text()
    one, two = re.findall(r"summary: (ENC.*)", text)
    (li.folder / WANG).write_text(text.replace(one, "\0").replace(two, one).replace("\0", two))
    arrives(zhao, li)
    named(zhao, "summary", "altered|moved")


def test_a_value_of_another_customer_is_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    moved(li, (SHANG, "phone"), (WANG, "phone"))
    arrives(zhao, li)
    named(zhao, "phone", "altered|moved")


def test_a_file_put_under_another_number_is_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    text = (li.folder / WANG).read_text()
    uid = str(li.tree(SHANG)["uid"])
    (li.folder / WANG).write_text(re.sub("^uid: .*$", f"uid: {uid}", text, flags=re.MULTILINE))
    arrives(zhao, li)
    named(zhao, "name", "altered|moved")


def test_a_value_of_another_vault_is_not_read(people: list[Person], tmp_path: Path) -> None:
    zhao, li, _wang = people
    other = founded(tmp_path / "other", "zhao.min", CUSTOMERS[0])
    own, strange = token(li, WANG, "phone"), token(other, WANG, "phone")
    put(li, WANG, own, strange)
    made = arrives(zhao, li)
    told = zhao("show", ONE)
    # Its key is nowhere here, as it would be for a customer whom somebody else added: it is no proof of an attack.
    assert (told.exit, "Phone      (sealed: confidential)" in told.out) == (0, True), told
    assert "not on this machine" in told.err
    audited(zhao, made)
    salt = own.split(",")[2]
    put(zhao, WANG, strange, strange.replace(strange.split(",")[2], salt))
    named(zhao, "phone", "altered|moved")


def test_an_older_value_of_the_field_is_read_and_its_commit_is_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    old = token(zhao, WANG, "phone")
    zhao.done("update", ONE, "--set", "phone=13655556666")
    zhao.push()
    li.pull()
    put(li, WANG, token(li, WANG, "phone"), old)
    made = arrives(zhao, li)
    told = zhao("show", ONE, "--reveal", "--reason", "delivery")
    assert (told.exit, PHONE in told.out) == (0, True)  # not detected by the token: it was valid in this place
    audited(zhao, made)
    assert made[:12] in zhao.done("blame", ONE)


def test_a_sealed_value_deleted_is_not_named_by_reading_but_by_audit(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, WANG, f"phone: {token(li, WANG, 'phone')}\n", "")
    made = arrives(zhao, li)
    assert zhao("show", ONE).exit == 0
    audited(zhao, made)
    assert "phone" in zhao.done("history", "-p", ONE)


# Clear text


def test_clear_text_pushed_past_the_hook_is_named_until_it_is_sealed(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, WANG, token(li, WANG, "phone"), '"+8613655556666"')
    made = arrives(zhao, li)
    named(zhao, "phone", "Clear text in a sealed field")
    audited(zhao, made)
    said = zhao.refused(7, "update", ONE, "--set", "tier=silver")
    assert "13655556666" not in said
    zhao.refused(7, "seal")
    zhao.done("seal", ONE)
    assert zhao.done("check") == ""
    assert "ENC[1,confidential" in token(zhao, WANG, "phone")


def test_clear_text_in_the_work_tree_is_named_and_never_committed(people: list[Person]) -> None:
    zhao, _li, _wang = people
    put(zhao, WANG, token(zhao, WANG, "phone"), '"+8613655556666"')
    named(zhao, "phone", "Clear text in a sealed field")
    zhao.done("commit")
    assert search([zhao.folder / ".git"], needles(["+8613655556666"])) == []
    assert zhao.done("check") == ""


def test_clear_text_added_with_git_is_kept_out_of_commits_and_stays_until_git_prunes_it(people: list[Person]) -> None:
    zhao, _li, _wang = people
    put(zhao, WANG, token(zhao, WANG, "phone"), '"+8613655556666"')
    zhao.git("add", "-A")
    with pytest.raises(AssertionError, match="Clear text in a sealed field"):
        zhao.git("commit", "-q", "-m", "by hand")
    zhao.git("reset", "-q")
    zhao.done("commit")
    assert zhao.done("check") == ""
    assert search([zhao.folder / ".git"], needles(["+8613655556666"])) != []  # not prevented: `git add` has kept it
    zhao.git("gc", "-q", "--prune=now")
    assert search([zhao.folder / ".git"], needles(["+8613655556666"])) == []


@pytest.mark.parametrize("line", ["# 电话 13655556666\n", "# called\n"])
def test_a_comment_in_a_sealed_file_is_named(people: list[Person], line: str) -> None:
    zhao, li, _wang = people
    put(li, WANG, "region:", f"{line}region:")
    arrives(zhao, li)
    told = zhao("check")
    assert (told.exit, "A comment in a sealed file" in told.out) == (7, True), told
    silent(told)
    zhao.done("update", ONE, "--set", "tier=silver")
    assert "#" not in (zhao.folder / WANG).read_text()


# The access file and the keys


def forged_master(li: Person, *, named: bool) -> None:
    """Li makes a master of her own for the highest level, wrapped for the admin, with or without its fingerprint."""
    master, vault = new_master(), str(li.tree(SETTINGS)["id"])
    recipient = next(iter(li.tree(ACCESS)["people"]["zhao.min"]["devices"].values()))["recipient"]
    old = re.search(r"restricted:\n +\"?1\"?:\n(?: +[a-z.]+: .*\n)*? +zhao\.min: (\S+)", (li.folder / KEYS).read_text())
    assert old
    put(li, KEYS, old[1], wrap(master, [recipient]))
    if named:
        known = li.tree(ACCESS)["masters"]["restricted"]["1"]
        put(li, ACCESS, known, fingerprint(master, vault, Level.RESTRICTED, 1))
        higher_serial(li)


def higher_serial(li: Person) -> None:
    serial = int(li.tree(ACCESS)["serial"])
    text = re.sub(r"^serial: .*$", f'serial: "{serial + 1}"', (li.folder / ACCESS).read_text(), flags=re.MULTILINE)
    (li.folder / ACCESS).write_text(text)


def self_made_admin(li: Person) -> None:
    text = (li.folder / ACCESS).read_text()
    (li.folder / ACCESS).write_text(re.sub(r"(li\.na:\n.*\n +roles:\n +- )sales", r"\1admin", text))
    assert li.tree(ACCESS)["people"]["li.na"]["roles"] == ["admin"]
    higher_serial(li)


def added_recipient(li: Person) -> None:
    """A further device for the admin, whose keys Li holds."""
    made = new_identity()
    signer = base64.urlsafe_b64encode(made.signer).decode().rstrip("=")
    text = (li.folder / ACCESS).read_text()
    device = f"      {made.device}:\n        recipient: {made.recipient}\n        signer: {signer}\n"
    (li.folder / ACCESS).write_text(re.sub(r"(zhao\.min:\n(?:.*\n)*?    devices:\n)", rf"\1{device}", text, count=1))
    assert len(li.tree(ACCESS)["people"]["zhao.min"]["devices"]) == 2
    higher_serial(li)


def lowered_levels(li: Person) -> None:
    with (li.folder / ACCESS).open("a") as file:
        file.write("roles:\n  sales: restricted\n")
    higher_serial(li)


def dropped_keys(li: Person) -> None:
    (li.folder / KEYS).unlink()


def hostile(text: str) -> Callable[[Person], None]:
    def write(li: Person) -> None:
        kept = (li.folder / ACCESS).read_text()
        (li.folder / ACCESS).write_text(text.replace("KEPT", kept))

    return write


SLIPPED_IN: dict[str, Callable[[Person], None]] = {
    "a forged master": lambda li: forged_master(li, named=False),
    "a forged master and its fingerprint": lambda li: forged_master(li, named=True),
    "an admin of her own making": self_made_admin,
    "a further device of the admin": added_recipient,
    "a role that reads more": lowered_levels,
    "no keys at all": dropped_keys,
    "names that act on a terminal": hostile('KEPTroles:\n  "\\e[31mred\\u202e": restricted\n'),
    "a megabyte": hostile("KEPT# " + "x" * 1_000_000 + "\n"),
    "no YAML": hostile("\x00\x01: [}"),
    "a bomb": hostile("a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n"),
    "a tag": hostile("KEPTroles: !!python/object/apply:os.system [true]\n"),
    "a list": hostile("- KEPT\n"),
    "deep": hostile("[" * 5000),
}
READING = (("show", ONE), ("list",), ("search", "tier:gold"), ("history", ONE), ("today",), ("check",))
WRITING = (
    ("update", ONE, "--set", "tier=silver"),
    (
        "add",
        "--kind",
        "individual",
        "--name",
        "吴三",
        "--phone",
        "13655556666",
        "--source",
        "store",
        "--region",
        "北京/朝阳",
    ),
    ("team", "role", "li.na", "--role", "staff"),
    ("keys", "export", "--for", "li.na", "../../stick"),
    ("purge", "plan"),
)


@pytest.mark.parametrize("slip", SLIPPED_IN.values(), ids=list(SLIPPED_IN))
def test_keys_and_access_changed_by_hand_have_no_effect_until_committed(
    people: list[Person], slip: Callable[[Person], None]
) -> None:
    _zhao, li, _wang = people
    slip(li)
    told = li("show", ONE)
    assert told.exit in (0, 2), told  # 2: a file of rules that can't be read is named
    if told.exit == 0:
        assert told.out.count("(sealed: ") == 3
        assert li("search", f"phone:{PHONE}").exit == 5
        assert "Only an admin" in li.refused(5, "team", "role", "li.na", "--role", "admin")
    silent(told)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("slip", SLIPPED_IN.values(), ids=list(SLIPPED_IN))
def test_keys_and_access_pushed_by_somebody_not_entitled_stop_everybody_until_put_back(
    people: list[Person], slip: Callable[[Person], None], signed: bool
) -> None:
    zhao, li, wang = people
    slip(li)
    made = arrives(zhao, li, li.keep_signed if signed else None)
    words = zhao.refused(7, "show", ONE)
    assert f"not trusted since commit {made[:12]} by li.na" in words, words
    silent(Ended(7, "", words))
    restored(wang.pull(), wang.refused(7, "list"))
    wang.push()
    zhao.pull()
    assert NAME in zhao.done("show", ONE)
    zhao.done("update", ONE, "--set", "tier=silver")
    told = zhao("audit")
    assert (told.exit, made[:12] in told.out) == (6, True)


def restored(person: Person, words: str) -> None:
    """What the message says is done: it works for whoever is there, with the hook in place."""
    command = re.search(r"`git (restore --source=\w+ -- \S+ \S+)`", words)
    assert command, words
    person.git(*command[1].split())
    person.git("add", "schemas")
    person.git("commit", "-q", "-m", "put back")
    person.done("show", ONE)


def test_while_the_access_file_is_not_trusted_nothing_is_read_written_or_handed_on(people: list[Person]) -> None:
    zhao, li, _wang = people
    self_made_admin(li)
    arrives(zhao, li, li.keep_signed)
    before = {path: path.read_bytes() for path in zhao.home.rglob("*") if path.is_file()}
    for words in (*READING, *WRITING):
        assert "not trusted" in zhao.refused(7, *words), words
        assert "not trusted" in li.refused(7, *words), words
    assert {path: path.read_bytes() for path in zhao.home.rglob("*") if path.is_file()} == before
    assert zhao.git("status", "--porcelain") == ""
    assert not (zhao.world / "stick").exists()
    assert zhao("audit").exit == 7
    assert zhao("doctor").exit == 6


def test_an_older_access_file_put_back_is_a_rollback(people: list[Person]) -> None:
    zhao, li, wang = people
    before = zhao.head()
    zhao.done("team", "remove", "li.na", "--yes")
    zhao.push()
    li.pull()
    li.git("checkout", "-q", before, "--", "schemas")
    made = arrives(zhao, li, li.keep_signed)
    said = zhao.refused(7, "show", ONE)
    assert made[:12] in said
    assert "It puts an older file back." in said
    restored(wang.pull(), wang.refused(7, "show", ONE))


def test_a_branch_set_back_is_a_rollback_for_whoever_has_seen_more(people: list[Person]) -> None:
    zhao, _li, wang = people
    before = zhao.head()
    zhao.done("team", "role", "li.na", "--role", "staff")
    zhao.push()
    zhao.git("push", "-q", "--force", "origin", f"{before}:refs/heads/main")
    newest = zhao.head()
    zhao.git("reset", "-q", "--hard", "origin/main")
    said = zhao.refused(7, "show", ONE)
    assert "older than what this clone has seen" in said
    merge = re.search(r"`git (merge \w+)`", said)
    assert merge
    zhao.git(*merge[1].split())
    assert zhao.head() == newest
    zhao.done("show", ONE)
    assert wang.pull()("show", ONE).exit == 0  # who never saw the newer one can't know


@pytest.mark.parametrize("signed", [False, True])
def test_a_sealed_vault_declared_open_is_refused(people: list[Person], signed: bool) -> None:
    zhao, li, _wang = people
    text = (li.folder / SETTINGS).read_text()
    (li.folder / SETTINGS).write_text(re.sub("^sealing: .*$", "sealing: false", text, flags=re.MULTILINE))
    made = arrives(zhao, li, li.keep_signed if signed else None)
    for words in (*READING, *WRITING):
        assert "was sealed" in zhao.refused(7, *words), words
    assert f"`git log -p {SETTINGS}`" in zhao("audit").err
    sun = Person(zhao.world, "sun.yu").clone()  # a first use of the clone: nothing is pinned there
    for words in WRITING[:2]:
        assert "sealed" in sun.refused(7, *words), words
    assert "sealing: false" in zhao.git("log", "-p", "-1", made, "--", SETTINGS)
    zhao.git("revert", "--no-edit", made)
    zhao.done("show", ONE)


def test_another_vault_id_is_refused(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, SETTINGS, str(li.tree(SETTINGS)["id"]), "4Z8K2M9QXA7PDR1TVW3BNC5GHJ")
    arrives(zhao, li)
    assert "id of the vault" in zhao.refused(7, "show", ONE)


@pytest.mark.parametrize("signed", [False, True])
def test_a_custom_field_declared_open_by_somebody_else_stays_sealed(people: list[Person], signed: bool) -> None:
    zhao, li, _wang = people
    put(li, CUSTOM, "level: internal", "level: open")
    made = arrives(zhao, li, li.keep_signed if signed else None)
    assert zhao("show", ONE).err.count(made[:12]) == 1
    zhao.done("update", ONE, "--set", "tier=silver")
    assert token(zhao, WANG, "member_card").startswith("ENC[1,internal")  # nothing new: it stays as it was
    zhao.done("update", ONE, "--set", "custom.member_card=88005678")
    zhao.done("update", TWO, "--set", "custom.member_card=88009999")
    for path in (WANG, SHANG):
        assert token(zhao, path, "member_card").startswith("ENC[1,confidential")
    assert "88009999" in zhao.done("show", TWO, "--reveal", "--reason", "other")
    audited(zhao, made, "rules")
    zhao.git("checkout", f"{made}~1", "--", CUSTOM)
    zhao.done("commit")
    assert made[:12] not in zhao("show", TWO).err


def test_a_custom_field_lowered_by_hand_counts_once_it_is_committed(people: list[Person]) -> None:
    zhao, _li, _wang = people
    put(zhao, CUSTOM, "level: internal", "level: open")
    zhao.done("update", TWO, "--set", "custom.member_card=88009999")
    assert token(zhao, SHANG, "member_card").startswith("ENC[1,internal")
    zhao.keep_signed()
    zhao.done("add", "--kind", "individual", "--name", "新人", "--incomplete", "--set", "custom.member_card=88007777")
    assert "88007777" in zhao.git("grep", "88007777", "HEAD")


def test_an_import_leaves_no_digest_of_the_file_in_git(people: list[Person]) -> None:
    zhao, li, _wang = people
    data = "kind,name,phone,region,source\nindividual,王小芳,13655556666,北京市/朝阳区,store\n".encode()
    (zhao.world / "people.csv").write_bytes(data)
    zhao.done("import", "../../people.csv")
    zhao.push()
    assert hashlib.sha256(data).hexdigest() not in zhao.git("log", "-1")
    mark = re.search(r"Crm-Import: hmac-sha256:[0-9a-f]{64} customers", zhao.git("log", "-1"))
    assert mark
    assert "imported on" in zhao.refused(4, "import", "../../people.csv")
    assert "imported on" in li.pull().refused(4, "import", "../../people.csv")
    zhao.done("--yes", "team", "remove", "wang.fang")  # new masters; the mark is under an older one
    assert "imported on" in zhao.refused(4, "import", "../../people.csv")


def test_a_vault_under_another_id_without_its_keys_is_refused(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, SETTINGS, str(li.tree(SETTINGS)["id"]), "4Z8K2M9QXA7PDR1TVW3BNC5GHJ")
    text = (li.folder / SETTINGS).read_text()
    (li.folder / SETTINGS).write_text(re.sub("^sealing: .*$", "sealing: false", text, flags=re.MULTILINE))
    (li.folder / KEYS).unlink()
    access = (li.folder / ACCESS).read_text()
    (li.folder / ACCESS).write_text(access[: access.index("masters:")])
    arrives(zhao, li)
    sun = Person(zhao.world, "sun.yu").clone()  # who never used the vault before: the history tells
    anew = Person(zhao.world, "zhao.min", "2").clone()  # an admin's new clone on another machine
    for person in (zhao, sun, anew):
        for words in (*READING[:2], *WRITING[:2]):
            assert "was sealed" in person.refused(7, *words), words


def test_git_replace_and_grafts_change_nothing(people: list[Person]) -> None:
    zhao, li, _wang = people
    good = zhao.head()
    self_made_admin(zhao)
    bad = zhao.keep()
    zhao.git("reset", "-q", "--hard", good)
    zhao.git("replace", good, bad)
    assert zhao.done("team", "list", "--format", "json").count('"admin"') == 1
    assert zhao("audit").exit == 0
    zhao.git("replace", "-d", good)
    (zhao.folder / ".git/info").mkdir(exist_ok=True)
    (zhao.folder / ".git/info/grafts").write_text(f"{good}\n")
    assert NAME in zhao.done("show", ONE)
    assert li("show", ONE).exit == 0


def test_a_shallow_clone_is_refused_with_the_way_out(people: list[Person]) -> None:
    zhao, _li, _wang = people
    shutil.rmtree(zhao.folder)
    zhao.clone()
    whole = zhao.folder.parent / "whole"
    zhao.folder.rename(whole)
    (zhao.world / "remote.git").rename(zhao.world / "remote")
    url = f"file://{zhao.world / 'remote'}"
    Person(zhao.world, "zhao.min").folder.mkdir()
    zhao.git("init", "-q", "-b", "main")
    zhao.git("fetch", "-q", "--depth", "1", url, "main")
    zhao.git("reset", "-q", "--hard", "FETCH_HEAD")
    assert "git fetch --unshallow" in zhao.refused(5, "show", ONE)


# On the machine


@pytest.mark.parametrize("edit", ["flipped", "another", "text", "cut"])
def test_salts_edited_are_named(people: list[Person], edit: str) -> None:
    zhao, _li, _wang = people
    (file,) = zhao.data.rglob("salts")
    line = file.read_bytes().splitlines()[0]
    edited = {
        "flipped": line[:40] + (b"B" if line[40:41] == b"A" else b"A") + line[41:] + b"\n",
        "another": line[:36] + file.read_bytes().splitlines()[1][36:] + b"\n",
        "text": b"# my keys\n",
        "cut": line[:60] + b"\n",
    }[edit]
    file.write_bytes(edited + file.read_bytes().split(b"\n", 1)[1])
    told = zhao("show", ONE)
    assert (told.exit, NAME in told.out) == (7, False), told
    assert "salts" in told.err
    assert zhao.refused(7, "update", ONE, "--set", "remarks=x")


def test_a_key_kit_that_is_not_the_right_one_changes_nothing(people: list[Person], tmp_path: Path) -> None:
    zhao, _li, _wang = people
    kit, home = tmp_path / "kit", Person(zhao.world, "zhao.min", "-home")
    zhao.done("keys", "export", str(kit), stdin=b"correct horse\n")
    zhao.push()
    home.clone()
    data = kit.read_bytes()
    flipped = bytearray(data)
    flipped[-40] ^= 1
    for at, (content, words) in enumerate(
        ((data, b""), (bytes(flipped), b"correct horse\n"), (data[:90], b""), (b"x", b""))
    ):
        (tmp_path / f"kit{at}").write_bytes(content)
        told = home("keys", "import", str(tmp_path / f"kit{at}"), stdin=words)
        assert told.exit in (2, 5, 7), told
        assert not list(home.data.rglob("salts"))
        assert not list(home.config.rglob("identity.age"))
    other = founded(tmp_path / "other", "zhao.min")
    told = other("keys", "import", str(kit), stdin=b"correct horse\n")
    assert (told.exit, "another vault" in told.err) == (2, True)


# Destruction

PLAN, CERTIFICATE = "records/plans/2026-11-22.yaml", "records/purged/2024/05/C20240510002.yaml"


@pytest.fixture(scope="module")
def planned_state(state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The second customer left long ago; Zhao has planned the destruction, nobody has approved it."""
    world = tmp_path_factory.mktemp("planned") / "world"
    team = begun_with(state[0], world, *state[1])
    team[0].on("2024-06-01").done("archive", TWO, "--reason", "ended")
    team[0].on("2026-11-22").done("purge", "plan")
    team[0].push()
    return world, [one.on("2026-11-22").pull() for one in team]


@pytest.fixture(scope="module")
def approved_state(planned_state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """Wang has approved it."""
    world = tmp_path_factory.mktemp("approved") / "world"
    team = begun_with(planned_state[0], world, *planned_state[1])
    team[2].done("purge", "approve", "2026-11-22")
    team[2].push()
    return world, [one.pull() for one in team]


@pytest.fixture(scope="module")
def purged_state(approved_state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """Zhao has carried it out."""
    world = tmp_path_factory.mktemp("purged") / "world"
    team = begun_with(approved_state[0], world, *approved_state[1])
    team[0].done("purge", "run", "--yes")
    team[0].push()
    return world, [one.pull() for one in team]


@pytest.fixture
def planned(planned_state: State, tmp_path: Path) -> list[Person]:
    return begun_with(planned_state[0], tmp_path / "world", *planned_state[1])


@pytest.fixture
def approved(approved_state: State, tmp_path: Path) -> list[Person]:
    return begun_with(approved_state[0], tmp_path / "world", *approved_state[1])


@pytest.fixture
def purged(purged_state: State, tmp_path: Path) -> list[Person]:
    return begun_with(purged_state[0], tmp_path / "world", *purged_state[1])


@pytest.fixture
def certificate(purged_state: State) -> str:
    """The certificate as Zhao's run writes it: what a forger would copy."""
    return (purged_state[1][0].folder / CERTIFICATE).read_text()


def live(person: Person) -> int:
    """How many customers' keys are left."""
    (file,) = person.data.rglob("salts")
    return sum(b"=" not in line for line in file.read_bytes().splitlines())


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
    assert live(zhao) == before == 2
    zhao.git("revert", "--no-edit", made)
    assert "张伟" in zhao.done("show", TWO)
    told = zhao("show", ONE)
    assert (NAME in told.out, told.err) == (True, "")


def test_the_honest_way_destroys_everywhere(approved: list[Person]) -> None:
    zhao, li, wang = approved
    assert [live(one) for one in approved] == [2, 2, 2]
    zhao.done("purge", "run", "--yes")
    zhao.push()
    for one in (li, wang):
        one.pull().done("list")
    assert [live(one) for one in approved] == [1, 1, 1]
    assert zhao.done("audit") == ""


@pytest.mark.parametrize("signed", [False, True])
def test_a_certificate_by_somebody_not_entitled_destroys_nothing(
    approved: list[Person], certificate: str, signed: bool
) -> None:
    zhao, li, _wang = approved
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
    approved: list[Person], certificate: str
) -> None:
    zhao, _li, wang = approved
    one, two = (str(zhao.tree(path)["uid"]) for path in (WANG, SHANG))
    path = CERTIFICATE.replace(TWO, ONE)
    made = forged(wang, certificate.replace(two, one).replace(TWO, ONE), path)
    wang.push()
    destroys_nothing(zhao.pull(), made, "No plan lists this customer")


def test_a_certificate_that_names_another_customers_uid_destroys_nothing(
    approved: list[Person], certificate: str
) -> None:
    zhao, _li, wang = approved
    one, two = (str(zhao.tree(path)["uid"]) for path in (WANG, SHANG))
    made = forged(wang, certificate.replace(two, one))
    wang.push()
    destroys_nothing(zhao.pull(), made, "No plan lists this customer")


def test_a_plan_changed_after_its_approval_is_not_carried_out(approved: list[Person], certificate: str) -> None:
    zhao, li, wang = approved
    one, two = (str(li.tree(path)["uid"]) for path in (WANG, SHANG))
    text = (li.folder / PLAN).read_text()
    (li.folder / PLAN).write_text(text.replace(two, one).replace(TWO, ONE))
    arrives(zhao, li, li.keep_signed)
    assert "was changed after its approval" in zhao.refused(5, "purge", "run", "2026-11-22", "--yes")
    assert zhao.done("purge", "run", "--yes") == ""
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
    li.git(*ident, "commit", "-q", "--allow-empty", "--no-verify", "-m", said)
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


def test_a_policy_changed_by_somebody_not_entitled_destroys_nothing(approved: list[Person]) -> None:
    zhao, li, _wang = approved
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


def test_a_kit_from_before_brings_no_destroyed_key_back(approved: list[Person], tmp_path: Path) -> None:
    zhao, li, wang = approved
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


def test_old_files_put_back_on_the_machine_are_emptied_again(approved: list[Person]) -> None:
    zhao, _li, _wang = approved
    (file,) = zhao.data.rglob("salts")
    old = file.read_bytes()
    zhao.done("purge", "run", "--yes")
    file.write_bytes(old)
    assert live(zhao) == 2
    zhao.done("list")
    assert live(zhao) == 1
