"""`crm import` as a person types it: what is printed where, and how the call ends."""

import json
import os
from datetime import datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from crmcli.cli.boundary import main
from crmcli.usecases.init import init

NOW = "2026-11-22T10:00+08:00"
GOOD = "kind,name,phone,region,source\nindividual,王芳,13800138000,北京市/朝阳区,store\n"


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    init(tmp_path / "vault", dict(os.environ), datetime.fromisoformat(NOW))
    for name, value in {"CRM_VAULT": str(tmp_path / "vault"), "CRM_NOW": NOW, "CRM_LANG": "en"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "vault"


def test_a_clean_import_ends_with_0_and_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.csv").write_text(GOOD, "utf-8")
    assert main(["import", "in.csv"]) == 0
    out, err = capsys.readouterr()
    assert out == "1 row read, 1 customer added.\n"
    assert err == ""
    assert main(["import", "in.csv"]) == 4
    assert "--again" in capsys.readouterr().err


def test_rejected_rows_end_with_6_and_land_beside_the_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in.csv").write_text(f"{GOOD}individual,[red]李雷,12x,北京市/朝阳区,store\n", "utf-8")
    assert main(["import", "in.csv", "--format", "json"]) == 6
    said = json.loads(capsys.readouterr().out)
    assert (said["data"]["added"], said["data"]["rejected"]) == (1, 1)
    assert "[red]李雷" in Path(said["data"]["rejects"]).read_text("utf-8-sig")
    assert Path(said["data"]["rejects"]) == tmp_path / "in.rejected.csv"


def test_nothing_that_holds_ends_with_2(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.csv").write_text("name,phone\n李雷,12x\n", "utf-8")
    assert main(["import", "in.csv"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "in.csv:2" in err
    assert not (vault / "records").exists()


def test_a_missing_file_ends_with_3() -> None:
    assert main(["import", "none.csv"]) == 3


def test_a_file_may_come_by_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(GOOD.encode("gb18030"))))
    assert main(["import", "-", "--dry-run"]) == 0
    assert capsys.readouterr().out == "Dry run: 1 row read, 1 customer added.\n"
