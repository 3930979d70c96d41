"""A vault under attack by people who can write to the repository or to a machine.

Li is in sales: she has a clone, signs, and may push. What she changes by hand is committed past the hook. Zhao, the
admin, and Wang, of the legal department, are those who must notice. A test module asks for it with
`pytest_plugins = ["attack_world"]`.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ended import Ended
from people import Person, begun_with, founded, let_in

WANG, SHANG = "records/2024/05/C20240510001.yaml", "records/2024/05/C20240510002.yaml"
ONE, TWO = "C20240510001", "C20240510002"
PLAN, CERTIFICATE = "records/plans/2026-11-22.yaml", "records/purged/2024/05/C20240510002.yaml"
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


@pytest.fixture(scope="session")
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


def higher_serial(li: Person) -> None:
    serial = int(li.tree(ACCESS)["serial"])
    text = re.sub(r"^serial: .*$", f'serial: "{serial + 1}"', (li.folder / ACCESS).read_text(), flags=re.MULTILINE)
    (li.folder / ACCESS).write_text(text)


def self_made_admin(li: Person) -> None:
    text = (li.folder / ACCESS).read_text()
    (li.folder / ACCESS).write_text(re.sub(r"(li\.na:\n.*\n +roles:\n +- )sales", r"\1admin", text))
    assert li.tree(ACCESS)["people"]["li.na"]["roles"] == ["admin"]
    higher_serial(li)


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


@pytest.fixture(scope="session")
def planned_state(state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The second customer left long ago; Zhao has planned the destruction, nobody has approved it."""
    world = tmp_path_factory.mktemp("planned") / "world"
    team = begun_with(state[0], world, *state[1])
    team[0].on("2024-06-01").done("archive", TWO, "--reason", "ended")
    team[0].on("2026-11-22").done("purge", "plan")
    team[0].push()
    return world, [one.on("2026-11-22").pull() for one in team]


@pytest.fixture(scope="session")
def approved_state(planned_state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """Wang has approved it."""
    world = tmp_path_factory.mktemp("approved") / "world"
    team = begun_with(planned_state[0], world, *planned_state[1])
    team[2].done("purge", "approve", "2026-11-22")
    team[2].push()
    return world, [one.pull() for one in team]


@pytest.fixture(scope="session")
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
def approved_team(approved_state: State, tmp_path: Path) -> list[Person]:
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
