"""Every test lives in a home of its own: no configuration, identity, cache or vault of the real user is seen or touched."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from crmcli.store import vault as vaults
from crmcli.store.vault import Vault

VAULT_ID = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ"
VAULT_YAML = f"id: {VAULT_ID}\n"
ONE, TWO = "records/2024/05/C20240510001.yaml", "records/2024/05/C20240510002.yaml"
GIT_CONFIG = """\
[user]
	name = Synthetic Tester
	email = tester@example.invalid
[init]
	defaultBranch = main
[commit]
	gpgsign = false
"""
# Modules beside the tests that tests import from and name as plugins: their assertions tell as much as a test's own.
pytest.register_assert_rewrite(
    "attack_world", "conventions", "ended", "exchange_world", "keys_vault", "life_vault", "people"
)
MEMORY = Path("/dev/shm")  # where the tests' files are fastest
ENOUGH = 4 << 30  # bytes free there; they take less
REAL_HOME = Path(os.environ.get("HOME", "/nonexistent"))
WATCHED = (".gitconfig", ".config/git", ".config/crmcli", ".local/share/crmcli", ".local/state/crmcli", ".cache/crmcli")


def pytest_configure() -> None:
    """Thousands of repositories come and go: in memory, where there is room for them and programs may run."""
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        held = os.statvfs(MEMORY)
        if held.f_bavail * held.f_frsize >= ENOUGH and not held.f_flag & os.ST_NOEXEC:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that lasts one test; the test fails if it reached the real one."""
    before = _traces()
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("GIT_", "CRM_", "XDG_", "LC_"))]:
        monkeypatch.delenv(name)
    for name, value in isolated(folder).items():
        monkeypatch.setenv(name, value)
    yield folder
    assert _traces() == before, "a test touched the real home"


def isolated(folder: Path) -> dict[str, str]:
    """The environment of a person who lives in `folder` and has never used the product."""
    config = folder / "gitconfig"
    config.write_text(GIT_CONFIG)
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TEST_FSYNC": "0",  # nothing here tests a power cut
        "TZ": "Asia/Shanghai",
        "LANG": "C.UTF-8",
        "LANGUAGE": "en",
    }


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A fresh vault at the top of a repository: vault.yaml and one commit."""
    return make_vault(tmp_path / "vault")


@pytest.fixture
def started(vault: Vault) -> Vault:
    """Two customers on file."""
    put(vault.root, ONE, "a: 1\n")
    put(vault.root, TWO, "b: 1\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "two")
    return vault


@pytest.fixture
def messy(started: Vault) -> Vault:
    """The same, and others' work: staged, half-staged, dirty, deleted, renamed, untracked, intended, another mode."""
    root = started.root
    for name in ("half", "dirty", "gone", "staged-gone", "renamed", "mode"):
        put(root, name, f"{name}\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "theirs")
    put(root, "half", "staged\n")
    git(root, "add", "half")
    put(root, "half", "staged and more\n")
    put(root, "dirty", "dirty now\n")
    (root / "gone").unlink()
    git(root, "rm", "-q", "staged-gone")
    git(root, "mv", "renamed", "renamed-now")
    put(root, "new", "staged new\n")
    git(root, "add", "new")
    put(root, "intended", "intended\n")
    git(root, "add", "-N", "intended")
    put(root, "untracked", "untracked\n")
    git(root, "update-index", "--chmod=+x", "mode")
    return started


def make_vault(folder: Path, *init: str) -> Vault:
    """A minimal vault in `folder`, in a new repository made with these options of `git init`."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--template=", *init)
    put(folder, "schemas/vault.yaml", VAULT_YAML)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return vaults.at(folder, dict(os.environ))


def git(folder: Path, *args: str, check: bool = True, env: Mapping[str, str] | None = None) -> str:
    """What a person's own git says, untrimmed."""
    full = {**os.environ, **(env or {})}
    done = subprocess.run(["git", *args], cwd=folder, env=full, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"git {args}: {done.stderr}{done.stdout}")
    return done.stdout


def put(folder: Path, path: str, text: str) -> Path:
    """Write a file as a person's editor does."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def _traces() -> dict[str, tuple[int, int] | None]:
    return {name: _trace(REAL_HOME / name) for name in WATCHED}


def _trace(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
