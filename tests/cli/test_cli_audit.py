"""`crm audit`: whoever did what they had no right to is named, and an honest history passes."""

import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import VAULT_ID, git, put
from trust_world import ACCESS, KEYS, SETTINGS, TEAM, World, access, keys, new_world

from crmcli.cli import boundary

SHIPPED = Path(__file__).parents[2] / "schemas"
NOTE = "records/2024/05/C20240510001.yaml"
CERTIFICATE = "records/purged/2024/05/C20240510001.yaml"
POLICY = "schemas/retention.yaml"
GROWN = (*TEAM, "sun.yu")
Audit = Callable[..., tuple[int, list[dict[str, str]]]]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A sealed vault with all its house rules in a folder of a repository; its root is the second commit."""
    world = new_world(tmp_path, prefix="crm")
    for file in SHIPPED.glob("*.yaml"):
        if file.name not in ("vault.yaml", "access.yaml"):
            shutil.copy(file, world.root / "schemas")
    world.commit(None, {SETTINGS: f'id: {VAULT_ID}\nformat: "1"\nsealing: "yes"\nlanguage: en\n'})
    world.commit("zhao.min", {ACCESS: access(1, GROWN), KEYS: keys()})
    return world


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple]:
    """`crm` in that vault: how it ended, stdout, stderr."""
    monkeypatch.chdir(world.root)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(world.homes.config.parent))
    monkeypatch.setenv("XDG_DATA_HOME", str(world.homes.data.parent))

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        code = boundary.main([*words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


@pytest.fixture
def audit(run: Callable[..., tuple[int, str, str]]) -> Audit:
    """The exit code, and the problems named."""

    def call(*words: str) -> tuple[int, list[dict[str, str]]]:
        code, out, _err = run("--format", "json", "audit", *words)
        envelope = json.loads(out)
        assert envelope["ok"] is True
        return code, envelope["data"]

    return call


def named(audit: Audit, code: int, *expected: tuple[str, str]) -> None:
    """The audit ends with this code and names exactly these (commit, kind)."""
    ended, rows = audit()
    assert (ended, [(row["commit"], row["kind"]) for row in rows]) == (code, [(c[:12], kind) for c, kind in expected])
    assert all(row["message"] for row in rows)


def test_an_honest_history_passes(world: World, run: Callable[..., tuple[int, str, str]]) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    one = world.commit("li.na", {NOTE: "a: 1\n"})
    two = world.commit("wang.fang", {POLICY: "rules: {}\n"}, parents=[root])
    world.commit("li.na", {NOTE: "a: 1\n"}, parents=[two, one])
    world.commit("sun.yu", {NOTE: "a: 2\n"})
    world.commit("li.na", {}, message="export\n\nCrm-Op: export\n")
    code, out, err = run("audit")
    assert (code, out) == (0, "")
    assert f"6 commits verified since the root {root[:12]}: li.na 3, zhao.min 1, wang.fang 1, sun.yu 1" in err


def test_commits_of_nobody_strangers_and_forgers_are_named(world: World, audit: Audit) -> None:
    world.commit("li.na", {NOTE: "a: 1\n"})
    nobody = world.commit(None, {NOTE: "a: 2\n"}, author="zhao.min")
    stranger = world.commit("chen.jie", {NOTE: "a: 3\n"})
    forged = world.commit("zhao.min", {NOTE: "a: 4\n"}, spoil=True)
    named(audit, 6, (nobody, "unsigned"), (stranger, "foreign"), (forged, "altered"))


def merged(world: World, name: str, *also: str) -> str:
    """The merge that git itself makes of HEAD and another commit, unsigned; `also`: more of its command line."""
    who = ("-c", "user.name=li.na", "-c", "user.email=li.na@example.invalid")
    git(world.root, *who, "merge", "-q", "--no-edit", "--no-verify", "--no-ff", *also, name)
    return git(world.root, "rev-parse", "HEAD").strip()


def test_a_merge_as_git_makes_it_is_told_and_passes(world: World, audit: Audit) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    one = world.commit("li.na", {NOTE: "a: 1\n"}, parents=[root])
    world.commit("wang.fang", {POLICY: "rules: {}\n"}, parents=[root])
    made = merged(world, one)
    code, (row,) = audit()
    assert (code, row["commit"], row["kind"], row["severity"]) == (0, made[:12], "unsigned", "warning")
    assert "unsigned merge" in row["message"]


@pytest.mark.parametrize("path", [NOTE, "records/2024/05/::C20240510009.yaml"])
def test_a_merge_with_something_of_its_own_is_an_error(path: str, world: World, audit: Audit) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    one = world.commit("li.na", {NOTE: "a: 1\n"}, parents=[root])
    world.commit("wang.fang", {POLICY: "rules: {}\n"}, parents=[root])
    merged(world, one, "--no-commit")
    put(world.root, path, "a: evil\n")
    git(world.root, "add", "-A")
    git(world.root, "-c", "user.name=li.na", "-c", "user.email=li@x", "commit", "-q", "--no-verify", "-m", "Merge")
    made = git(world.root, "rev-parse", "HEAD").strip()
    code, rows = audit()
    assert (code, [(row["commit"], row["severity"]) for row in rows]) == (6, [(made[:12], "error")])


def test_an_unsigned_event_is_named(world: World, audit: Audit) -> None:
    made = world.commit(None, {}, message="approve\n\nCrm-Op: approve\nCrm-Approval: records/plans/2026-11-22.yaml\n")
    named(audit, 6, (made, "unsigned"))


def test_others_in_the_repository_are_let_be(world: World, audit: Audit) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    put(world.vault.top, "elsewhere.txt", "theirs\n")
    one = world.commit(None, {})
    two = world.commit("li.na", {NOTE: "a: 1\n"}, parents=[root])
    named(audit, 0)
    made = world.commit(None, {NOTE: "a: 1\n"}, parents=[one, two])
    named(audit, 0, (made, "unsigned"))


def test_somebody_who_left_is_foreign_from_then_on(world: World, audit: Audit) -> None:
    world.commit("li.na", {NOTE: "a: 1\n"})
    world.commit("zhao.min", {ACCESS: access(2, ["zhao.min", "sun.yu"])})
    made = world.commit("li.na", {NOTE: "a: 2\n"})
    named(audit, 6, (made, "foreign"))


def test_signing_under_anothers_name_is_told(world: World, audit: Audit) -> None:
    made = world.commit("li.na", {NOTE: "a: 1\n"}, author="zhao.min")
    code, (row,) = audit()
    assert (code, row["commit"], row["kind"], row["severity"]) == (0, made[:12], "author", "warning")
    assert "li.na" in row["message"]


@pytest.mark.parametrize(("by", "code"), [("li.na", 6), ("sun.yu", 6), ("wang.fang", 0), ("zhao.min", 0)])
def test_house_rules_are_for_managers_and_admins(world: World, audit: Audit, by: str, code: int) -> None:
    made = [world.commit(by, {POLICY: "rules: {}\n"}), world.commit(by, {POLICY: None})]
    named(audit, code, *((one, "rules") for one in made if code))


def test_rules_mixed_in_a_merge_are_named(world: World, audit: Audit) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    one = world.commit("wang.fang", {POLICY: "rules: {a: 1}\n"}, parents=[root])
    two = world.commit("wang.fang", {POLICY: "rules: {b: 1}\n"}, parents=[root])
    made = world.commit("li.na", {POLICY: "rules: {a: 1, b: 1}\n"}, parents=[one, two])
    named(audit, 6, (made, "rules"))


@pytest.mark.parametrize("by", ["li.na", "chen.jie", None])
def test_a_certificate_by_somebody_not_entitled_is_named(world: World, audit: Audit, by: str | None) -> None:
    made = world.commit(by, {CERTIFICATE: "a: 1\n"})
    signed = [] if by == "li.na" else [(made, "unsigned" if by is None else "foreign")]
    named(audit, 6, *signed, (made, "certificate"))


def test_certificates_that_authorise_nothing_are_named_until_an_admin_takes_them_back(
    world: World, audit: Audit
) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    issued = world.commit("wang.fang", {CERTIFICATE: "a: 1\n"})
    changed = world.commit("zhao.min", {CERTIFICATE: "a: 2\n"})
    named(audit, 6, (issued, "certificate"), (changed, "certificate"))
    side = world.commit("li.na", {NOTE: "a: 1\n"}, parents=[root])
    world.commit("zhao.min", {}, parents=[side, issued])
    named(audit, 0, (issued, "certificate"))
    world.commit("li.na", {CERTIFICATE: "a: 1\n"}, parents=[issued])
    deleted = world.commit("li.na", {CERTIFICATE: None})
    named(audit, 6, (issued, "certificate"), (deleted, "certificate"))


def test_an_access_file_changed_without_right_breaks_trust(world: World, audit: Audit) -> None:
    made = world.commit("li.na", {ACCESS: access(2, ["li.na"])})
    named(audit, 7, (made, "access"))
    mended = world.commit("li.na", {ACCESS: access(1, GROWN)})
    named(audit, 6, (made, "access"))
    assert mended


def test_broken_trust_is_told_in_words(world: World, run: Callable[..., tuple[int, str, str]]) -> None:
    made = world.commit(None, {KEYS: keys("QUJDRA==")}, author="zhao.min")
    code, out, err = run("audit")
    assert code == 7
    assert made[:12] in out
    assert f"not trusted since commit {made[:12]} by zhao.min" in err


def test_history_without_the_root_merged_in_is_named(world: World, audit: Audit) -> None:
    main = git(world.root, "rev-parse", "HEAD").strip()
    old = git(world.root, "rev-parse", "HEAD~1").strip()
    late = world.commit("li.na", {NOTE: "a: 1\n"}, parents=[old])
    unsigned = world.commit(None, {NOTE: "a: 2\n"})
    world.commit("li.na", {NOTE: "a: 2\n", ACCESS: access(1, GROWN), KEYS: keys()}, parents=[unsigned, main])
    named(audit, 6, (late, "rootless"), (unsigned, "unsigned"))


def test_only_what_came_after(world: World, audit: Audit) -> None:
    early = world.commit(None, {NOTE: "a: 1\n"}, at=1_800_000_000)  # 2027-01-15
    world.commit("li.na", {NOTE: "a: 2\n"}, at=1_800_300_000)  # 2027-01-18
    hidden = world.commit(None, {NOTE: "a: 3\n"}, at=1_700_000_000)
    strange = world.commit(None, {NOTE: "a: 4\n"}, at=99_999_999_999_999)
    latest = [(hidden, "unsigned"), (strange, "unsigned")]
    for since, expected in {
        "2027-01-15": [(early, "unsigned"), *latest],
        "2027-01-17": latest,
        early: latest,
        "HEAD~1": latest[1:],
        "HEAD": [],
    }.items():
        code, rows = audit("--since", since)
        found = [(row["commit"], row["kind"]) for row in rows]
        assert (code, found) == (6 if expected else 0, [(name[:12], kind) for name, kind in expected]), since


def test_a_commit_that_is_none_is_refused(run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("audit", "--since", "nowhere")[0] == 3
    assert run("audit", "--since", "--all")[0] == 3


def test_a_sealed_vault_that_says_it_is_open_is_not_trusted(
    world: World, run: Callable[..., tuple[int, str, str]]
) -> None:
    settings = (world.root / SETTINGS).read_text()
    put(world.root, SETTINGS, settings.replace('"yes"', '"no"'))
    code, out, _err = run("--format", "json", "audit")
    assert (code, json.loads(out)["error"]["kind"]) == (7, "unsealed")


def test_people_get_words_in_their_language(world: World, run: Callable[..., tuple[int, str, str]]) -> None:
    made = world.commit(None, {NOTE: "a: 1\n"}, author="\x1b[31mred")
    _code, out, _err = run("audit")
    assert re.search(rf"{made[:12]}.*error.*unsigned.*It is not signed", out, re.DOTALL)
    assert "\x1b[31m" not in out
