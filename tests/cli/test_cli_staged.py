"""Clear text stays out of git: `crm check --staged` and the hook that asks it, under every way to commit by hand."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ONE, TWO, VAULT_ID, git, make_vault, put

import crmcli
from crmcli.cli import boundary
from crmcli.store import vault as vaults
from crmcli.store.hooks import install
from crmcli.store.vault import Vault

TOKEN = f"ENC[1,confidential.1,7K2M9QXA,{'A' * 64}]"
RULES = f'id: {VAULT_ID}\nformat: "1"\nsealing: "yes"\nlanguage: en\n'
SECRET = "13800138000"
SAID = "Clear text in a sealed field (level internal)."

Check = Callable[..., tuple[int, list[dict[str, str]]]]


def customer(path: str, name: str = TOKEN, more: str = "") -> str:
    number = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    return f"id: {number}\nuid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\nkind: individual\nname: {name}\nstatus: lead\n{more}"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook runs in a folder of its own."""
    monkeypatch.setenv("PYTHONPATH", str(Path(crmcli.__file__).parent.parent))


def sealed(folder: Path, *options: str, below: str = "") -> Vault:
    """A sealed vault as a clone without any keys has it, one customer on file, our hook in place."""
    made = make_vault(folder, *options)
    put(made.root, f"{below}schemas/vault.yaml", RULES)
    put(made.root, f"{below}{ONE}", customer(ONE))
    git(made.root, "add", ".")
    git(made.root, "commit", "-q", "-m", "sealed")
    vault = vaults.at(made.root / below, os.environ)
    assert install(vault)
    return vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return sealed(tmp_path / "vault")


@pytest.fixture
def check(vault: Vault, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """`crm check --staged` in the vault: exit code and findings."""
    monkeypatch.chdir(vault.root)

    def run(*words: str) -> tuple[int, list[dict[str, str]]]:
        capsys.readouterr()
        code = boundary.main(["--format", "json", "check", "--staged", *words])
        return code, json.loads(capsys.readouterr().out)["data"]

    return run


def refused(vault: Vault, *words: str, said: str = SAID) -> None:
    """A commit by hand that the hook refuses, with reasons and without the value; nothing has changed."""
    head, status = git(vault.root, "rev-parse", "HEAD"), git(vault.root, "status", "--porcelain")
    with pytest.raises(AssertionError) as failed:
        git(vault.root, "commit", "-q", "-m", "by hand", *words)
    told = str(failed.value)
    assert said in told
    assert "--no-verify" in told
    assert SECRET not in told
    assert git(vault.root, "rev-parse", "HEAD") == head
    assert git(vault.root, "status", "--porcelain") == status


def commits(vault: Vault, *words: str) -> None:
    git(vault.root, "commit", "-q", "-m", "by hand", *words)


def test_what_is_staged_counts_not_what_lies_in_the_work_tree(vault: Vault, check: Check) -> None:
    put(vault.root, ONE, customer(ONE, SECRET))
    assert check() == (0, [])
    git(vault.root, "add", ".")
    put(vault.root, ONE, customer(ONE))
    code, found = check()
    assert code == 7
    assert [(one["path"], one["line"], one["field"], one["message"]) for one in found] == [(ONE, "4", "name", SAID)]


def test_git_commit_is_refused_for_clear_text_and_passes_for_tokens(vault: Vault) -> None:
    put(vault.root, TWO, customer(TWO, SECRET))
    git(vault.root, "add", ".")
    refused(vault)
    put(vault.root, TWO, customer(TWO))
    git(vault.root, "add", ".")
    commits(vault)


def test_commit_all_is_looked_at_by_its_own_index(vault: Vault) -> None:
    put(vault.root, ONE, customer(ONE, SECRET))
    refused(vault, "-a")
    put(vault.root, ONE, customer(ONE, more="need: " + TOKEN + "\n"))
    commits(vault, "-a")


def test_commit_of_a_path_is_looked_at_by_its_own_index(vault: Vault) -> None:
    put(vault.root, ONE, customer(ONE, SECRET))
    put(vault.root, TWO, customer(TWO))
    git(vault.root, "add", TWO)
    refused(vault, ONE)
    put(vault.root, ONE, customer(ONE, more="need: " + TOKEN + "\n"))
    put(vault.root, TWO, customer(TWO, SECRET))
    git(vault.root, "add", TWO)
    commits(vault, ONE)
    assert git(vault.root, "show", "--format=", "--name-only", "HEAD").split() == [ONE]
    refused(vault)


def test_the_first_commit_of_all_is_looked_at(tmp_path: Path) -> None:
    vault = sealed(tmp_path / "v")
    git(vault.root, "checkout", "-q", "--orphan", "fresh")
    put(vault.root, ONE, customer(ONE, SECRET))
    git(vault.root, "add", ".")
    with pytest.raises(AssertionError, match="Clear text"):
        commits(vault)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# " + SECRET + "\n" + customer(ONE), "1"),
        (customer(ONE, more=f"need: {TOKEN} # {SECRET}\n"), "6"),
        (customer(ONE, more=f"tags:\n  - vip\n# {SECRET}\n"), "8"),
        (customer(ONE, more=f"need: |- # {SECRET}\n  {TOKEN}\n"), "6"),
        (customer(ONE, more=f"need: |-\n  {TOKEN}\n# {SECRET}\n"), "8"),
        (customer(ONE, more=f"need: |-\n  {TOKEN}\n\n # {SECRET}\n"), "9"),
        (customer(ONE, more=f"tags: [vip, # {SECRET}\n  b]\n"), "6"),
        (f"# {SECRET}\n---\n" + customer(ONE), "1"),
        (f"--- # {SECRET}\n" + customer(ONE), "1"),
        (customer(ONE, more=f"...\n# {SECRET}\n"), "7"),
    ],
)
def test_comments_are_refused_wherever_they_stand(vault: Vault, check: Check, text: str, line: str) -> None:
    put(vault.root, ONE, text)
    git(vault.root, "add", ".")
    code, found = check()
    assert (code, [(one["line"], one["message"]) for one in found]) == (7, [(line, "A comment in a sealed file.")])
    assert "remarks" in found[0]["hint"]
    refused(vault, said="A comment in a sealed file.")


def test_a_number_sign_within_a_value_is_no_comment(vault: Vault, check: Check) -> None:
    put(vault.root, ONE, customer(ONE, more='owner: "a # b"\nsource: a#b\n'))
    git(vault.root, "add", ".")
    assert check() == (0, [])


@pytest.mark.parametrize("text", ["name: [", "just words\n", "", "a: 1\na: 2\n", "\xff\xfe", "x" * (1 << 20)])
def test_what_cannot_be_read_is_named_and_not_committed(vault: Vault, check: Check, text: str) -> None:
    (vault.root / ONE).write_bytes(text.encode("latin-1"))
    git(vault.root, "add", ".")
    code, found = check()
    assert (code, [one["path"] for one in found]) == (6, [ONE])
    with pytest.raises(AssertionError, match="--no-verify"):
        commits(vault)


def test_other_files_among_the_customers_are_named(vault: Vault, check: Check) -> None:
    put(vault.root, f"{ONE}~", customer(ONE, SECRET))
    put(vault.root, "records/notes.txt", SECRET)
    (vault.root / "records/link.yaml").symlink_to("../schemas")
    put(vault.root, "records/.gitkeep", "")
    put(vault.root, "records/plans/plan.yaml", "# a paper\nfor: everybody\n")
    put(vault.root, "notes.txt", SECRET)
    git(vault.root, "add", ".")
    code, found = check()
    assert (code, sorted(one["path"] for one in found)) == (6, [f"{ONE}~", "records/link.yaml", "records/notes.txt"])


def test_deleting_and_what_is_committed_already_are_no_matter(vault: Vault, check: Check) -> None:
    put(vault.root, TWO, customer(TWO, SECRET))
    git(vault.root, "add", ".")
    commits(vault, "--no-verify")
    git(vault.root, "rm", "-q", ONE)
    assert check() == (0, [])
    commits(vault)


def test_an_open_vault_takes_anything(tmp_path: Path) -> None:
    vault = make_vault(tmp_path / "open")
    install(vault)
    put(vault.root, ONE, "# words\n" + customer(ONE, SECRET))
    git(vault.root, "add", ".")
    commits(vault)


def test_a_line_in_the_settings_does_not_open_a_sealed_vault(vault: Vault) -> None:
    put(vault.root, "schemas/vault.yaml", RULES.replace('"yes"', "false"))
    put(vault.root, ONE, customer(ONE, SECRET))
    refused(vault, "-a")
    put(vault.root, "schemas/vault.yaml", RULES.replace('"yes"', "perhaps"))
    refused(vault, "-a")
    put(vault.root, "schemas/vault.yaml", "id: [")
    refused(vault, "-a")


def test_levels_and_custom_fields_are_those_about_to_be_committed(vault: Vault, check: Check) -> None:
    put(vault.root, ONE, customer(ONE, more="region: 北京市/朝阳区\ncustom:\n  shoe: big\n"))
    put(vault.root, "schemas/custom-fields.yaml", "fields:\n  shoe: {type: line, zh: 鞋, en: Shoe, level: open}\n")
    git(vault.root, "add", ".")
    assert check() == (0, [])
    put(vault.root, "schemas/access.yaml", "people: not well formed\nlevels:\n  region: internal\n  kind: [x]\n")
    git(vault.root, "add", "schemas")
    code, found = check()
    assert (code, [one["field"] for one in found]) == (7, ["region"])
    git(vault.root, "rm", "-q", "--cached", "schemas/custom-fields.yaml")
    assert [one["field"] for one in check()[1]] == ["region", "custom.shoe"]


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)], ids=str)
def test_vaults_below_are_each_judged_by_their_own_rules(tmp_path: Path, options: tuple[str, ...]) -> None:
    vault = sealed(tmp_path / "with spaces 中文", *options, below='a "b" 分店/')
    put(vault.top, ONE, "# the open vault above\n" + customer(ONE, SECRET))
    git(vault.top, "add", ".")
    git(vault.top, "commit", "-q", "-m", "above")
    put(vault.root, ONE, customer(ONE, SECRET))
    for folder in (vault.root, vault.top, vault.root / "records"):
        with pytest.raises(AssertionError, match="Clear text"):
            git(folder, "commit", "-a", "-q", "-m", "below")
    put(vault.root, ONE, customer(ONE, more="need: " + TOKEN + "\n"))
    git(vault.root, "commit", "-q", "-m", "below", "--", ONE)


def test_a_worktree_has_the_same_guard(vault: Vault) -> None:
    git(vault.root, "worktree", "add", "-q", "-b", "tree", "../tree 二")
    tree = vaults.at(vault.root.parent / "tree 二", os.environ)
    put(tree.root, ONE, customer(ONE, SECRET))
    refused(tree, "-a")
    refused(tree, ONE)


def test_an_earlier_hook_runs_first_and_may_refuse(vault: Vault, tmp_path: Path) -> None:
    hook = vault.common_dir / "hooks/pre-commit"
    hook.write_text(f"#!/bin/sh\necho \"$# $0\" >> '{tmp_path}/ran'\n[ ! -e '{tmp_path}/no' ] || exit 9\n")
    hook.chmod(0o755)
    install(vault)
    put(vault.root, ONE, customer(ONE, SECRET))
    refused(vault, "-a")
    put(vault.root, ONE, customer(ONE, more="need: " + TOKEN + "\n"))
    put(tmp_path, "no", "")
    with pytest.raises(AssertionError) as failed:
        commits(vault, "-a")
    assert "--no-verify" not in str(failed.value)
    (tmp_path / "no").unlink()
    commits(vault, "-a")
    assert len((tmp_path / "ran").read_text().splitlines()) == 3


def test_what_lies_in_the_work_tree_is_never_run(vault: Vault, tmp_path: Path) -> None:
    for name in ("crmcli", "yaml", "json", "typer"):
        put(vault.root, f"{name}.py", f"open({str(tmp_path / 'planted')!r}, 'w')\n")
    put(vault.root, ONE, customer(ONE, SECRET))
    git(vault.root, "add", ".")
    refused(vault)
    assert not (tmp_path / "planted").exists()


def test_a_vault_named_by_the_environment_is_not_the_one_committed_to(vault: Vault, tmp_path: Path) -> None:
    other = make_vault(tmp_path / "other")
    put(vault.root, ONE, customer(ONE, SECRET))
    with pytest.raises(AssertionError, match="Clear text"):
        git(vault.root, "commit", "-a", "-m", "x", env={"CRM_VAULT": str(other.root)})


def test_no_keys_are_asked_for_or_made(vault: Vault, check: Check, home: Path) -> None:
    put(vault.root, ONE, customer(ONE, SECRET))
    git(vault.root, "add", ".")
    before = sorted(home.rglob("*"))
    assert check()[0] == 7
    assert sorted(home.rglob("*")) == before
    shutil.rmtree(vault.root / "schemas")
    assert check()[0] == 7
