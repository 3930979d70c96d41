"""CSV files that do not hold: the structure refused whole with its line, rows one by one with line, field and reason."""

import csv
import json
from pathlib import Path

import pytest

pytest_plugins = ["conventions"]

HEAD = "kind,name,phone,region,source\n"
ROW = "individual,李四,13700137000,北京市/朝阳区,store\n"
SALES = "external.shop,date,product,quantity,amount,currency\n"
LEAVE = "Say what it is with --map {0}=FIELD, or leave it out with --map {0}=-"
QUOTES = "A cell that holds quotation marks is written in quotation marks, with each of them doubled."
CELLS = "Put a cell that holds the delimiter in quotation marks, or name the delimiter with --delimiter."
REGION = "province/city/district, for example 广东省/深圳市/南山区, or a code of GB/T 2260"
AMOUNT = "digits with a decimal point, for example 1234.50"


@pytest.fixture
def sheet(crm, tmp_path, monkeypatch):
    """`sheet(content)` lays in.csv beside the vault, where `crm` is called from."""
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    monkeypatch.setenv("CRM_VAULT", str(crm.folder))

    def lay(content):
        Path("in.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        return desk

    return lay


STRUCTURE = [
    ("empty", "", "The file is empty.\n  in.csv\nhint: The first line holds the headings.\n"),
    ("blank", "\n ,\n\n", "The file is empty.\n  in.csv\nhint: The first line holds the headings.\n"),
    ("headings alone", HEAD, "There are headings but no rows.\n  in.csv:1\n"),
    ("a short row", f"{HEAD}{ROW}individual,赵六\n",
     f"The row has 2 cells, but there are 5 headings. (expected 5 cells)\n  in.csv:3\nhint: {CELLS}\n"),
    ("a long row", f"{HEAD}{ROW.strip()},x,y\n",
     f"The row has 7 cells, but there are 5 headings. (expected 5 cells)\n  in.csv:2\nhint: {CELLS}\n"),
    ("an unknown heading", f"{HEAD.replace('name', 'nmae')}{ROW}",
     f"Unknown heading nmae.\n  in.csv:1: nmae\nhint: Did you mean name? {LEAVE.format('nmae')}\n"),
    ("a heading with an escape", "kind,\x1b[31mqqq\nindividual,x\n",
     f"Unknown heading \\x1b[31mqqq.\n  in.csv:1: \\x1b[31mqqq\nhint: {LEAVE.format(chr(92) + 'x1b[31mqqq')}\n"),
    ("a number of their own", "number,name\n../../etc/passwd,x\n",
     "number is given by the system.\n  in.csv:1: number\n"
     "hint: Match customers by it with --key number, or leave it out with --map number=-\n"),
    ("no heading", "kind,,name\nindividual,x,b\n",
     "Column 2 has no heading.\n  in.csv:1\nhint: Give it one, or empty it.\n"),
    ("one heading twice", "kind,name,name\nindividual,a,b\n",
     "name and name are both name.\n  in.csv:1: name\nhint: --map name=-\n"),
    ("a quotation mark left open", f'{HEAD}individual,"李四,13700137000,北京市/朝阳区,store\n',
     f"A quotation mark is opened and never closed.\n  in.csv:2\nhint: {QUOTES}\n"),
    ("a NUL byte", f"{HEAD}{ROW.replace('李', '李' + chr(0))}",
     "There is a NUL byte in the file.\n  in.csv:2\n"
     "hint: It is not a text file, or its encoding has to be given: --encoding utf-16-le.\n"),
    ("no known encoding", f"{HEAD}{ROW}".encode() + b"\xff\xff\xff\n",
     "The encoding of the file is not clear: neither UTF-8 nor GB18030 fits.\n  in.csv:2\n"
     "hint: Save it as UTF-8, or say how it is encoded: --encoding gb18030, big5, cp1252 …\n"),
    ("a cell without end", f"{HEAD}{ROW.replace('李四', '王' * 300_000)}",
     "A cell is too long, or a quotation mark is opened and never closed.\n"
     f"  in.csv:2\nhint: {QUOTES}\n"),
    ("too many columns", ",".join(f"c{place}" for place in range(600)) + "\n",
     "There are 600 columns; at most 500 are read.\n  in.csv:1\n"),
]  # fmt: skip
ROWS = [
    ("phone", "138ABC", "The phone number “138ABC” contains letters.", "digits, for example +8613800138000",
     "Give one number; names and notes belong in other fields."),
    ("region", "月球", "“月球” is not a known region.", REGION,
     "Did you mean 江西省/鹰潭市/月湖区? A region that is missing from the table can be declared in the house rules."),
    ("name", "王\x1b[31m", "The text contains U+001B, which may not stand in it.", "one line of text",
     "It is character 2 of “王\\x1b[31m”."),
    ("name", "王" * 1000, f"“{'王' * 59}…” is too long: 1000 characters.", "at most 200 characters", None),
    ("id_number", "110105194912310021", "The check digit of the identity card number is wrong.",
     "a number with the right check digit", "A character is mistyped, or two are swapped."),
    ("birthday", "2024-02-30", "There is no such day: 2024-02-30.", "a day from 1 to 29 in this month", None),
    ("facts.turnover", "1e400", "“1e400” is not an amount.", AMOUNT,
     "Leave out currency signs and exponents; the currency is a field of its own."),
    ("kind", "robot", "“robot” is not one of the codes.", "one of individual (Individual), enterprise (Enterprise)", None),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), [pytest.param(*row[1:], id=row[0]) for row in STRUCTURE])
def test_a_file_whose_structure_does_not_hold(crm, sheet, content, said):
    desk = sheet(content)
    refusal = crm.refused("import", "in.csv")
    assert refusal.words == f"error: {said}"
    assert refusal.error["where"]["path"] == "in.csv"
    assert [path.name for path in desk.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("field", "value", "message", "expected", "hint"),
    [pytest.param(*row, id=f"{row[0]}-{row[1][:9]!a}") for row in ROWS],
)
def test_a_row_with_such_a_value(crm, sheet, field, value, message, expected, hint):
    cells = dict(zip(HEAD.strip().split(","), ROW.strip().split(","), strict=True)) | {field: value}
    desk = sheet(f"{','.join(cells)}\n{','.join(cells.values())}\n")
    refusal = crm.refused("import", "in.csv")
    hinted = f" {hint}" if hint else ""
    assert refusal.words == (
        f"error: The only row cannot be imported.\n  in.csv\n  in.csv:2: {field}: {message} (expected {expected}){hinted}\n"
        f"hint: The rows and the reasons are in {desk}/in.rejected.csv.\n"
    )
    where = {"path": "in.csv", "line": 2, "field": field}
    finding = {"severity": "error", "message": message, "where": where, "expected": expected, "hint": hint}
    assert refusal.error["findings"] == [finding]
    (rejected,) = csv.DictReader((desk / "in.rejected.csv").read_text("utf-8-sig").splitlines())
    assert (rejected[field], rejected["line"]) == (value, "2")
    assert message in rejected["reason"]


def test_good_rows_come_in_and_bad_ones_are_named(crm, sheet):
    bad = ROW.replace("13700137000", "138ABC").replace("李四", "[red]赵六")
    desk = sheet(f"{HEAD}{ROW}{bad}{ROW.replace('13700137000', '13600136000')}")
    ended = crm("import", "in.csv")
    assert (ended.exit, ended.out) == (
        6,
        f"3 rows read, 2 customers added, 1 row rejected.\nRejected rows: {desk}/in.rejected.csv\n",
    )
    assert "error: in.csv:3: phone: The phone number “138ABC” contains letters." in ended.err
    assert "[red]赵六" in (desk / "in.rejected.csv").read_text("utf-8-sig")
    assert crm.git("status", "--porcelain") == ""
    assert crm("list", "--format", "ids").out.split()[2:] == ["C20240510003", "C20240510004"]


def test_entries_that_do_not_hold_are_named_with_their_line(crm, sheet):
    sheet(f"{SALES}00004,2024-02-30,茶,1,1,CNY\n00004,2024-02-03,茶,1,1e400,CNY\n99,2024-02-03,茶,1,1,CNY\n")
    words = crm.stopped_by("import", "in.csv", "--as", "transactions").splitlines()
    assert words[:2] == ["error: None of the 3 rows can be imported.", "  in.csv"]
    assert [line.split(":")[1] for line in words[2:5]] == ["2", "3", "4"]
    assert "There is no such day: 2024-02-30." in words[2]
    assert "“1e400” is not an amount." in words[3]
    assert "external.shop: No customer “99”." in words[4]


@pytest.mark.parametrize(
    ("words", "exit", "said"),
    [
        (("nope.csv",), 3, "There is no file nope.csv.\n  nope.csv\n"),
        ((".",), 2, ". is not a plain file.\n"),
        (("/dev/zero",), 2, "/dev/zero is not a plain file.\n  /dev/zero\n"),
        (("in.csv", "--as", "robots"), 2, "robots can't be imported.\n  --as\nhint: "),
        (("in.csv", "--as", "transactions"), 2, "Which customer a row belongs to is not clear.\n  in.csv:1\n"),
        (("in.csv", "--key", "§§§"), 2, "§§§ can't be the key.\n  --key\nhint: For example: number, phone, ext"),
        (("in.csv", "--map", "name"), 2, "name must be HEADING=FIELD.\n  --map\nhint: "),
        (("in.csv", "--map", "nmae=name"), 2, "The file has no column nmae.\n  in.csv: --map\nhint: Did you mean name"),
        (("in.csv", "--map", "name=nmae"), 2, "Unknown field nmae.\n  in.csv:1: name\nhint: "),
        (("in.csv", "--encoding", "klingon"), 2, "Unknown encoding klingon.\n  --encoding\nhint: "),
        (("in.csv", "--delimiter", "ab"), 2, "'ab' is not a delimiter.\n  --delimiter\nhint: "),
    ],
)
def test_options_that_cannot_be_meant(crm, sheet, words, exit, said):
    sheet(f"{HEAD}{ROW}")
    assert crm.refused("import", *words, exit=exit).words.startswith(f"error: {said}")


def test_where_rejected_rows_cannot_be_written_nothing_is_taken_in(crm, sheet):
    sheet(f"{HEAD}{ROW}{ROW.replace('13700137000', '138ABC')}")
    assert crm.stopped_by("import", "in.csv", "--rejects", "/nowhere/x.csv", exit=1) == (
        "error: Cannot write /nowhere/x.csv: No such file or directory.\n  /nowhere/x.csv\n"
        "hint: Choose another place with --rejects.\n"
    )


def test_a_bad_customer_file_does_not_stop_an_import_and_is_named(crm, sheet):
    sheet(f"{HEAD}{ROW}")
    crm.change("records/2024/05/C20240510001.yaml", "owner: li.na", "ownr: li.na")
    ended = crm("import", "in.csv", "--format", "json")
    said = json.loads(ended.out)
    assert (ended.exit, said["data"]["added"]) == (6, 1)
    assert "Unknown field ownr." in [finding["message"] for finding in said["warnings"]]


def test_an_empty_standard_input(crm, sheet):
    assert (
        crm.refused("import", "-").words
        == "error: The file is empty.\n  stdin\nhint: The first line holds the headings.\n"
    )
