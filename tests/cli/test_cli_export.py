"""`crm export` as a person and another program see it: forms, the round trip through a spreadsheet, the event, the file."""

import csv
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from conventions import WANG, ZHANG, Crm, Ended
from hypothesis import given
from hypothesis import strategies as st

from crmcli.cli import boundary
from crmcli.reports.render_csv import safe, unguarded
from crmcli.store.yamlread import parse

pytest_plugins = ["conventions"]

ENTERPRISE = """\
id: C20240510003
uid: 6Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: enterprise
company: 示例商贸, “大”有限公司
credit_code: 91999999MA00000154
industry: retail
phone: +861000000001;ext=801
region: 北京市/海淀区
address: =HYPERLINK("http://x.example")
source: exhibition
remarks: |-
  +两行备注
  第二行
status: active
facts:
  founded: "2008-08-08"
  registered_capital: "5000000.00"
contacts:
  - id: P00000001
    name: 李示例
    position: 采购经理
    birthday: "1980-02-03"
  - id: P00000002
    name: 赵示例
    position: 店长
"""
FIRM = "records/2024/05/C20240510003.yaml"
GIVEN = ("id", "uid", "status_history", "tier_history", "interactions", "transactions")


@pytest.fixture
def firm(crm: Crm) -> Crm:
    """The two people, and a company whose fields are hard on a spreadsheet."""
    crm.put(FIRM, ENTERPRISE)
    crm.keep()
    assert crm("commit").exit == 0
    return crm


def tree(crm: Crm, path: str) -> dict[str, Any]:
    return dict(parse((crm.folder / path).read_bytes(), path).tree)


def trees(folder: Path) -> dict[str, dict[str, Any]]:
    """What stands on file by name, without what the system gives."""
    found = (parse(path.read_bytes(), path.name).tree for path in sorted((folder / "records").rglob("*.yaml")))
    kept = [{key: value for key, value in one.items() if key not in GIVEN} for one in found]
    for one in kept:
        one["contacts"] = [{**contact, "id": ""} for contact in one.get("contacts", ())[:1]]
    return {one.get("name") or one["company"]: one for one in kept}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def head(crm: Crm) -> str:
    return crm.git("rev-parse", "HEAD").strip()


def done(ended: Ended) -> str:
    assert ended.exit == 0, ended
    return ended.out


def test_csv_is_the_profile_under_the_names_of_the_catalogue(firm: Crm) -> None:
    rows = table(done(firm("export", "kind:individual")))
    assert [row["number"] for row in rows] == ["C20240510001", "C20240510002"]
    assert (rows[0]["name"], rows[0]["phone"], rows[0]["external.shop"], rows[0]["tag"]) == (
        "王芳",
        "+8613800138000",
        "00004",
        "vip",
    )
    assert not {"uid", "company", "spend"} & rows[0].keys(), "neither the system's own nor empty columns nor metrics"


def test_formulas_are_defused_in_csv_alone(firm: Crm) -> None:
    (row,) = table(done(firm("export", "kind:enterprise")))
    assert row["address"] == '\'=HYPERLINK("http://x.example")'
    assert row["remarks"] == "'+两行备注\n第二行"
    assert row["phone"] == "'+861000000001;ext=801"
    (whole,) = json.loads(done(firm("export", "kind:enterprise", "--format", "json")))["data"]
    assert whole["address"] == '=HYPERLINK("http://x.example")'


@pytest.fixture
def fresh(firm: Crm, tmp_path: Path) -> Path:
    """Another vault, made on the same day."""
    folder = tmp_path / "other vault"
    assert boundary.main(["init", str(folder), "--unsealed", "--quiet"]) == 0
    return folder


def test_a_csv_imported_into_a_fresh_vault_holds_the_same_values(firm: Crm, fresh: Path, tmp_path: Path) -> None:
    """Every profile, and the first contact person; formulas stand there again as they were."""
    path = tmp_path / "all.csv"
    done(firm("export", "*", "--output", str(path)))
    done(firm("import", str(path), "--map", "number=-", "--vault", str(fresh)))
    assert trees(fresh) == trees(firm.folder)
    assert len(trees(fresh)) == 3


def test_a_csv_changed_and_imported_again_changes_just_that(firm: Crm, tmp_path: Path) -> None:
    text = done(firm("export", "*"))
    path = tmp_path / "all.csv"
    before = head(firm)
    path.write_text(text, newline="")
    done(firm("import", str(path), "--key", "number"))
    assert head(firm) == before
    path.write_text(text.replace("北京市/朝阳区", "北京市/海淀区"), newline="")
    done(firm("import", str(path), "--key", "number"))
    assert tree(firm, WANG)["region"] == "北京市/海淀区"
    assert firm.git("diff", "--stat", f"{before}..").count("|") == 1


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("'=+-@\t\n"), max_size=8))
def test_a_guard_is_taken_off_again_whatever_the_cell(cell: str) -> None:
    if safe("x" + cell) == "x" + cell:  # nothing in it that is shown escaped
        assert unguarded(safe(cell)) == cell
        assert not safe(cell).startswith(("=", "@", "\t", "\n"))


def test_json_jsonl_and_yaml_hold_whole_files(firm: Crm) -> None:
    wanted = [tree(firm, path) for path in (WANG, ZHANG, FIRM)]
    envelope = json.loads(done(firm("export", "*", "--format", "json")))
    assert (envelope["version"], envelope["ok"], envelope["data"]) == (1, True, wanted)
    lines = done(firm("export", "*", "--format", "jsonl")).splitlines()
    assert [json.loads(line) for line in lines] == wanted
    assert yaml.safe_load(done(firm("export", "*", "--format", "yaml"))) == wanted


def test_columns_choose_fields_and_metrics(firm: Crm) -> None:
    words = ("export", "*", "--columns", "number,spend,contact.name")
    assert table(done(firm(*words)))[2] == {"number": "C20240510003", "spend": "0", "contact.name": "李示例, 赵示例"}
    data = json.loads(done(firm(*words, "--format", "json")))["data"]
    assert data[0] == {"number": "C20240510001", "spend": "398.00", "contact.name": ""}
    assert "Unknown field nmae" in firm.refused("export", "*", "--columns", "nmae").words


def test_an_export_leaves_one_event_and_nothing_else(firm: Crm) -> None:
    before, files = head(firm), firm.git("ls-tree", "-r", "HEAD")
    done(firm("export", "name:王芳 OR 张伟", "--reason", "customer-request", "--note", "问过"))
    assert firm.git("rev-list", "--count", f"{before}..HEAD").strip() == "1"
    assert firm.git("ls-tree", "-r", "HEAD") == files
    assert firm.git("status", "--porcelain") == ""
    subject, _empty, *trailers = firm.git("log", "-1", "--format=%B").strip().splitlines()
    assert subject == "export 2 customers as csv"
    assert trailers == [
        "Crm-Op: export",
        "Crm-Record: C20240510001",
        "Crm-Record: C20240510002",
        "Crm-Reason: customer-request",
        "Crm-Note: 问过",
        "Crm-Count: 2",
        "Crm-Format: csv",
        "Crm-Clock: turned",
    ]
    assert "王芳" not in firm.git("log", "-1", "--format=%B"), "a query may hold personal values"


def test_what_others_have_staged_stays_out_of_the_event(firm: Crm) -> None:
    firm.put("notes.txt", "theirs\n")
    firm.git("add", "notes.txt")
    done(firm("export", "*"))
    assert firm.git("show", "--stat", "--format=", "HEAD") == ""
    assert firm.git("status", "--porcelain") == "A  notes.txt\n"


def test_nothing_found_is_no_export(firm: Crm) -> None:
    before = head(firm)
    ended = firm("export", "name:nobody")
    assert (ended.exit, table(ended.out)) == (0, [])
    assert "Nothing found" in ended.err
    assert head(firm) == before


def test_a_dry_run_counts_and_does_nothing(firm: Crm, tmp_path: Path) -> None:
    before = firm.state()
    assert done(firm("export", "*", "--dry-run")) == "3 customers.\n"
    assert done(firm("export", "*", "--dry-run", "--output", str(tmp_path / "x.csv"))) == "3 customers.\n"
    told = json.loads(done(firm("export", "*", "--dry-run", "--format", "json")))["data"]
    assert (told["count"], told["commit"]) == (3, None)
    assert firm.state() == before
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("name", ["x.jsonl", "x.yaml", "x.yml", "x.json", "x.csv", "x.txt"])
def test_a_file_is_for_its_owner_alone_and_its_name_tells_the_form(firm: Crm, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    told = done(firm("export", "*", "--output", str(path)))
    assert told == f"3 customers in {path}.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    form = {"yml": "yaml", "txt": "csv"}.get(path.suffix[1:], path.suffix[1:])
    assert firm.git("log", "-1", "--format=%s").strip() == f"export 3 customers as {form}"
    assert path.read_bytes().decode().replace("\r\n", "\n") == done(firm("export", "*", "--format", form)).replace(
        "\r\n", "\n"
    )
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [name]


def test_a_file_is_never_replaced_unasked(firm: Crm, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("theirs")
    before = head(firm)
    assert "Replace" in firm.refused("export", "*", "--output", str(path), exit=5).words
    assert path.read_text() == "theirs"
    assert head(firm) == before
    path.chmod(0o644)
    done(firm("export", "*", "--output", str(path), "--yes"))
    assert path.read_text().startswith("number,")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("place", ["records/x.csv", "schemas/x.yaml", ".git/x.csv", "records"])
def test_no_file_of_the_vault_is_written_over(firm: Crm, place: str) -> None:
    assert firm("export", "*", "--output", place, "--yes").exit in (2, 5)
    assert firm.git("status", "--porcelain") == ""


@pytest.mark.parametrize("place", ["/dev/null", "{tmp}"])
def test_only_plain_files_are_replaced(firm: Crm, tmp_path: Path, place: str) -> None:
    path = place.format(tmp=tmp_path)
    assert "not a plain file" in firm.refused("export", "*", "--yes", "--output", path).words
    assert Path(path).exists()


def test_the_event_comes_before_the_data(firm: Crm, tmp_path: Path) -> None:
    """What could not be written after all was still handed to the disk."""
    folder = tmp_path / "missing"
    ended = firm("export", "*", "--output", str(folder / "x.csv"))
    assert (ended.exit, ended.out) == (1, "")
    assert str(folder / "x.csv") in ended.err
    assert firm.git("log", "-1", "--format=%s").startswith("export 3")
    (firm.folder / ".git" / "MERGE_HEAD").write_text(head(firm))
    ended = firm("export", "*")
    assert (ended.exit, ended.out) == (4, ""), "no event, no data"


@pytest.mark.parametrize("name", ["table", "markdown", "tsv", "ids"])
def test_forms_that_people_read_are_no_export(firm: Crm, name: str) -> None:
    assert "not exported as" in firm.stopped_by("export", "*", "--format", name)


@pytest.mark.parametrize("words", [(), ("",), ("  ",)])
def test_everybody_has_to_be_asked_for(firm: Crm, words: tuple[str, ...]) -> None:
    assert "Which customers" in firm.refused("export", *words).words


def test_an_unknown_reason_is_refused_before_anything_leaves(firm: Crm) -> None:
    firm.refused("export", "*", "--reason", "whim")


def test_archived_customers_are_left_out_unless_asked_for(firm: Crm) -> None:
    done(firm("archive", "王芳", "--reason", "ended"))
    counted = [done(firm("export", "*", *words, "--dry-run")) for words in ((), ("--all",), ("--archived",))]
    assert counted == ["2 customers.\n", "3 customers.\n", "1 customer.\n"]


def test_a_bad_file_is_named_and_the_rest_goes_out(firm: Crm) -> None:
    firm.change(FIRM, "\nstatus: active", "\nstatus: lost")
    ended = firm("export", "*", "--format", "json")
    assert ended.exit == 6
    envelope = json.loads(ended.out)
    assert len(envelope["data"]) == 2
    assert envelope["warnings"][0]["where"]["path"] == FIRM


def test_several_contact_people_are_not_lost_silently(firm: Crm) -> None:
    assert "first contact person" in firm("export", "*").err
    assert firm("export", "*", "--format", "json").err == ""
    assert firm("export", "kind:individual").err == ""


def test_json_lines_are_a_form_of_every_command(firm: Crm) -> None:
    lines = done(firm("list", "--columns", "number,name", "--format", "jsonl")).splitlines()
    assert json.loads(lines[0]) == {"number": "C20240510001", "name": "王芳"}
    (shown,) = done(firm("show", "王芳", "--format", "jsonl")).splitlines()
    assert json.loads(shown)["phone"] == "+8613800138000"
    (moved,) = done(firm("update", "王芳", "--set", "owner=chen", "--format", "jsonl")).splitlines()
    assert json.loads(moved)["numbers"] == ["C20240510001"]
    report = [json.loads(line) for line in done(firm("report", "regions", "--format", "jsonl")).splitlines()]
    assert all("table" in row for row in report)
    assert report


def test_the_next_command_takes_away_what_a_killed_export_left(crm: Crm) -> None:
    left = crm.folder / ".out.csv.abcd1234.tmp"
    left.write_text("name\n王芳\n", encoding="utf-8")
    record = next((crm.folder / ".git/crm").glob("*/")) / "deliveries/abcd1234"
    record.parent.mkdir(parents=True)
    record.write_bytes(os.fsencode(left))
    assert crm("list").exit == 0
    assert (left.exists(), record.exists()) == (False, False)
