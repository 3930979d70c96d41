"""`crm check` in a sealed vault names what stands in clear, once each, and ends with 7."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import git

import crmcli
from crmcli.cli import boundary

SECRET = "+8613912345678"
Run = Callable[..., tuple[int, list[dict[str, str]]]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sealed vault with one customer, hook and all."""
    monkeypatch.setenv("PYTHONPATH", str(Path(crmcli.__file__).parent.parent))
    monkeypatch.setenv("CRM_LANG", "en")
    folder = tmp_path / "vault"
    assert boundary.main(["init", str(folder)]) == 0
    monkeypatch.chdir(folder)
    add = "add --kind individual --name 王芳 --phone 13800138000 --source store --region 北京/朝阳"
    assert boundary.main(add.split()) == 0
    return folder


@pytest.fixture
def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code and findings of severity error."""

    def run(*words: str) -> tuple[int, list[dict[str, str]]]:
        capsys.readouterr()
        code = boundary.main(["--format", "json", "check", *words])
        said = capsys.readouterr().out
        assert SECRET not in said
        return code, [one for one in json.loads(said)["data"] if one["severity"] == "error"]

    return run


def only(folder: Path) -> Path:
    return next((folder / "records").rglob("C*.yaml"))


def changed(path: Path, name: str, text: str) -> None:
    rows = path.read_text().split("\n")
    path.write_text("\n".join(text if row.startswith(f"{name}:") else row for row in rows))


def test_a_vault_in_order_has_nothing_to_name(check: Run) -> None:
    assert check() == (0, [])
    assert check("--staged") == (0, [])


def test_clear_text_and_comments_are_named_once(folder: Path, check: Run) -> None:
    changed(only(folder), "phone", f'# called\nphone: "{SECRET}"')
    code, found = check()
    said = [(one["line"], one["field"], one["message"]) for one in found]
    assert (code, said) == (
        7,
        [
            ("5", "", "A comment in a sealed file."),
            ("6", "phone", "Clear text in a sealed field (level confidential)."),
        ],
    )


def test_a_token_that_cannot_be_one_is_named_once(folder: Path, check: Run) -> None:
    path = only(folder)
    path.write_text(path.read_text().replace("ENC[1,confidential.", "ENC[1,internal."))
    code, found = check()
    assert (code, [one["field"] for one in found]) == (7, ["phone"])
    path.write_text(path.read_text().replace("ENC[1,internal.", "ENC[2,internal."))
    code, found = check()
    assert (code, [one["field"] for one in found]) == (7, ["name", "phone"])


def test_a_file_that_is_otherwise_wrong_is_looked_at_too(folder: Path, check: Run) -> None:
    changed(only(folder), "phone", f'phone: "{SECRET}"\nstatus_of_mind: calm')
    code, found = check()
    assert code == 7
    assert {"phone", "status_of_mind"} <= {one["field"] for one in found}


def test_a_hand_edit_is_refused_by_git_and_sealed_by_crm(folder: Path, check: Run) -> None:
    changed(only(folder), "phone", f'phone: "{SECRET}"')
    with pytest.raises(AssertionError, match=r"Clear text(.|\n)*--no-verify"):
        git(folder, "commit", "-a", "-q", "-m", "by hand")
    assert boundary.main(["commit", "--quiet"]) == 0
    assert SECRET not in git(folder, "log", "-p", "--all")
    assert check() == (0, [])
