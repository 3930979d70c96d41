"""Our pre-commit hook: put in place once, beside whatever hook was there, never where people keep hooks themselves."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ONE, git, make_vault, put
from desk import hook, write

from crmcli.errors import Conflict
from crmcli.store import vault as vaults
from crmcli.store.hooks import BEFORE, hook_state, install, put_in_place
from crmcli.store.transaction import Change
from crmcli.store.vault import Vault


def foreign(vault: Vault, script: str, mode: int = 0o755) -> Path:
    hook(vault, "pre-commit", script)
    path = vault.common_dir / "hooks/pre-commit"
    path.chmod(mode)
    return path


def test_the_hook_is_put_in_place_once(vault: Vault) -> None:
    assert hook_state(vault) == "missing"
    done = install(vault)
    assert done is not None
    assert (done.path, done.chained) == (vault.common_dir / "hooks/pre-commit", False)
    assert done.path.stat().st_mode & 0o777 == 0o755
    assert hook_state(vault) == "ours"
    before = done.path.stat()
    assert install(vault) == done
    assert done.path.stat() == before
    assert sorted(path.name for path in done.path.parent.iterdir()) == ["pre-commit"]
    assert subprocess.run(["sh", "-n", done.path], check=False).returncode == 0


def test_another_hook_is_kept_as_it_is(vault: Vault) -> None:
    path = foreign(vault, "exit 0", 0o750)
    text = path.read_bytes()
    assert hook_state(vault) == "foreign"
    for _time in range(2):
        done = install(vault)
        assert done is not None
        assert done.chained
        kept = path.with_name("pre-commit.before-crm")
        assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (text, 0o750)
        assert hook_state(vault) == "ours"


def test_a_hook_that_is_a_link_stays_one(vault: Vault) -> None:
    path = foreign(vault, "exit 0")
    put(vault.root, "scripts/hook", "#!/bin/sh\nexit 3\n").chmod(0o755)
    path.unlink()
    path.symlink_to("../../scripts/hook")
    assert install(vault) is not None
    assert path.with_name("pre-commit.before-crm").readlink() == Path("../../scripts/hook")
    assert (vault.root / "scripts/hook").read_text() == "#!/bin/sh\nexit 3\n"


def test_two_other_hooks_are_never_merged_or_lost(vault: Vault) -> None:
    foreign(vault, "exit 0")
    install(vault)
    path = foreign(vault, "exit 1")
    texts = {name.name: name.read_bytes() for name in path.parent.iterdir()}
    with pytest.raises(Conflict):
        install(vault)
    assert {name.name: name.read_bytes() for name in path.parent.iterdir()} == texts


def test_an_older_hook_of_ours_is_renewed(vault: Vault) -> None:
    done = install(vault)
    assert done is not None
    text = done.path.read_text()
    done.path.write_text(text.replace("-P", "-X dev"))
    done.path.chmod(0o644)
    assert hook_state(vault) == "missing"
    assert install(vault) == done
    assert (done.path.read_text(), done.path.stat().st_mode & 0o777) == (text, 0o755)
    assert not done.chained


@pytest.mark.parametrize("where", ["hooks of ours", "/dev/null"])
def test_hooks_kept_elsewhere_are_left_alone(vault: Vault, where: str) -> None:
    foreign(vault, "exit 0")
    git(vault.root, "config", "core.hooksPath", where)
    assert hook_state(vault) == "elsewhere"
    assert install(vault) is None
    assert not (vault.root / "hooks of ours").exists()
    assert "crm" not in (vault.common_dir / "hooks/pre-commit").read_text()


def test_a_clone_gets_the_hook_once_with_the_one_that_was_there_before_it(vault: Vault) -> None:
    assert put_in_place(vault)
    assert hook_state(vault) == "ours"
    assert not put_in_place(vault)
    path = vault.common_dir / "hooks/pre-commit"
    path.unlink()
    foreign(vault, "exit 3")
    assert put_in_place(vault)
    assert hook_state(vault) == "ours"
    assert path.with_name(BEFORE).read_text().endswith("exit 3\n")


def test_a_hook_in_place_costs_no_git(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(vault)
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *_a, **_k: pytest.fail("a child process was started"))
    assert not put_in_place(vault)


def test_where_no_hook_can_be_put_nothing_happens(vault: Vault) -> None:
    git(vault.root, "config", "core.hooksPath", "elsewhere")
    assert not put_in_place(vault)
    git(vault.root, "config", "--unset", "core.hooksPath")
    foreign(vault, "exit 0")
    foreign(vault, "exit 0").with_name(BEFORE).write_text("another\n")
    assert not put_in_place(vault)
    assert hook_state(vault) == "foreign"


def test_a_clone_that_cannot_be_written_to_is_no_error(vault: Vault) -> None:
    shutil.rmtree(vault.common_dir / "hooks", ignore_errors=True)
    put(vault.common_dir, "hooks", "no folder: nobody, not even root, can put a file into it\n")
    assert not put_in_place(vault)


def test_hooks_named_within_the_repository_are_ours_to_set(vault: Vault) -> None:
    git(vault.root, "config", "core.hooksPath", ".git/hooks")
    done = install(vault)
    assert done is not None
    assert done.path == vault.root / ".git/hooks/pre-commit"


def test_one_hook_serves_every_worktree_and_subfolder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = make_vault(tmp_path / "with spaces 中文" / "outer", "--object-format=sha256")
    put(outer.root, "below/schemas/vault.yaml", "id: BELOW\n")
    git(outer.root, "worktree", "add", "-q", "../tree")
    done = install(vaults.at(outer.root / "below", os.environ))
    assert done is not None
    tree = vaults.at(outer.root.parent / "tree", os.environ)
    assert hook_state(tree) == hook_state(outer) == "ours"
    assert install(tree) == done == install(outer)
    assert done.path == outer.root / ".git/hooks/pre-commit"


def test_crm_itself_is_not_looked_at_again_but_other_hooks_are(started: Vault, tmp_path: Path) -> None:
    foreign(started, f"echo ran >> {tmp_path}/ran")
    done = install(started)
    assert done is not None
    done.path.write_text(done.path.read_text().replace("check --staged", "no such command"))
    assert write(started, Change(ONE, b"a: 2\n"))
    assert (tmp_path / "ran").read_text() == "ran\n"
    put(started.root, ONE, "a: 3\n")
    with pytest.raises(AssertionError, match="--no-verify"):
        git(started.root, "commit", "-a", "-q", "-m", "by hand")


def test_without_crm_nothing_is_committed_and_the_way_out_is_told(
    started: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "gone"))
    install(started)
    put(started.root, ONE, "a: 3\n")
    path = [folder for folder in os.environ["PATH"].split(":") if not (Path(folder) / "crm").exists()]
    with pytest.raises(AssertionError, match=r"crm was not found[^$]*--no-verify"):
        git(started.root, "commit", "-a", "-q", "-m", "by hand", env={"PATH": ":".join(path)})
    stand_in = put(tmp_path, "bin/crm", f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    stand_in.chmod(0o755)
    git(started.root, "commit", "-a", "-q", "-m", "by hand", env={"PATH": ":".join([str(tmp_path / "bin"), *path])})
    assert (tmp_path / "asked").read_text() == "--quiet --vault . check --staged\n"
