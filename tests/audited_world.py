"""A sealed vault of four people with all its house rules, and what `crm audit` says of it. A test module asks for the
fixtures with `pytest_plugins = ["audited_world"]`."""

import os
import shutil
from pathlib import Path

import pytest
from conftest import VAULT_ID, git
from people import Person
from trust_world import ACCESS, KEYS, SETTINGS, World, access, keys, new_world

from crmcli.sealing.sshsig import sign
from crmcli.usecases.audit import audit, closed_vault

SHIPPED = Path(__file__).parents[1] / "schemas"
NOTE, OTHER = "records/2024/05/C20240510001.yaml", "records/2024/05/C20240510002.yaml"
CERTIFICATE = "records/purged/2024/05/C20240510001.yaml"
RULE = "schemas/retention.yaml"
TEAM = ("zhao.min", "li.na", "wang.fang", "chen.jie")
LOW, HIGH = "level: 1\n", "level: 9\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A sealed vault of four, begun by Zhao alone."""
    world = new_world(tmp_path)
    for file in SHIPPED.glob("*.yaml"):
        shutil.copy(file, world.root / "schemas")
    (world.root / ACCESS).unlink()
    world.commit(None, {SETTINGS: f'id: {VAULT_ID}\nformat: "1"\nsealing: "yes"\nlanguage: en\n'})
    world.commit(
        "zhao.min", {ACCESS: access(1, ["zhao.min"]), KEYS: keys(), RULE: LOW, NOTE: "a: 1\n", OTHER: "b: 1\n"}
    )
    return world


@pytest.fixture
def alone(world: World) -> str:
    """The commit at which Zhao was alone; the four are there now."""
    made = head(world)
    world.commit("zhao.min", {ACCESS: access(2, TEAM)})
    return made


def head(world: World) -> str:
    return git(world.root, "rev-parse", "HEAD").strip()


def named(world: World) -> list[tuple[str, str, str]]:
    """What `crm audit` finds: commit, kind, severity."""
    vault, house = closed_vault(world.root, dict(os.environ), exact=True)
    return [(one.commit, one.kind, one.severity) for one in audit(vault, house, world.homes).problems]


def errors(world: World) -> list[tuple[str, str]]:
    return [(commit, kind) for commit, kind, severity in named(world) if severity == "error"]


def united(world: World, by: str | None, one: str, other: str, **files: str | None) -> str:
    """A merge as git makes it, signed by somebody or nobody."""
    git(world.root, "checkout", "-q", "-f", "--detach", one)
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    git(world.root, *who, "merge", "-q", "--no-verify", "--no-ff", "--no-edit", other)
    texts = {path: git(world.root, "show", f"HEAD:{path}") for path in git(world.root, "ls-files").splitlines()}
    return world.commit(by, {**texts, **files}, parents=[one, other], author=by or "zhao.min")


def signed_merge(by: Person, *parents: str) -> str:
    """A signed merge with the files that are in the index."""
    ident = f"{by.name} <{by.email}> 1715304600 +0800"
    lines = [f"tree {by.git('write-tree').strip()}", *(f"parent {one}" for one in parents)]
    text = "\n".join([*lines, f"author {ident}", f"committer {ident}", "", "Merge\n"])
    armored = sign((by.config / "signing.key").read_text(), text.encode())
    signed = text.replace("\n\n", "\ngpgsig " + armored.strip().replace("\n", "\n ") + "\n\n", 1)
    made = by.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode()).strip()
    by.git("reset", "-q", "--hard", made)
    return made
