"""Values that do not hold, given as options: named with the field, what is expected and a hint; nothing changes."""

import csv
import io
import json

import pytest

pytest_plugins = ["conventions"]

WANG = "records/2024/05/C20240510001.yaml"
SOUND = {"kind": "individual", "name": "李四", "phone": "13700137000", "region": "北京市/朝阳区", "source": "store"}
LONG = "王" * 300_000
SHOWN = f"“{'王' * 59}…”"
AMOUNT = "digits with a decimal point, for example 1234.50"
NO_EXPONENT = "Leave out currency signs and exponents; the currency is a field of its own."
REGION = "province/city/district, for example 广东省/深圳市/南山区, or a code of GB/T 2260"
REGIONS = "A region that is missing from the table can be declared in the house rules."
TIERS = "one of new (New), ordinary (Ordinary), silver (Silver), gold (Gold), diamond (Diamond)"
KINDS = "one of individual (Individual), enterprise (Enterprise)"
KEY = "a letter, then up to 39 letters, digits, hyphens or underscores"

# field, value, message, expected, hint
VALUES = [
    ("phone", "138ABC", "The phone number “138ABC” contains letters.", "digits, for example +8613800138000",
     "Give one number; names and notes belong in other fields."),
    ("phone", "123", "“123” is not a valid phone number.",
     "a Chinese mobile of 11 digits, a number with its area code, or + and the country code",
     "For example 13800138000, 010-12345678, +44 20 8366 1177."),
    ("id_number", "110105194912310021", "The check digit of the identity card number is wrong.",
     "a number with the right check digit", "A character is mistyped, or two are swapped."),
    ("region", "月球", "“月球” is not a known region.", REGION, f"Did you mean 江西省/鹰潭市/月湖区? {REGIONS}"),
    ("birthday", "2024-02-30", "There is no such day: 2024-02-30.", "a day from 1 to 29 in this month", None),
    ("facts.turnover", "1e400", "“1e400” is not an amount.", AMOUNT, NO_EXPONENT),
    ("facts.turnover", "NaN", "“NaN” is not an amount.", AMOUNT, NO_EXPONENT),
    ("name", LONG, f"{SHOWN} is too long: 300000 characters.", "at most 200 characters", None),
    ("name", "\x1b[31m王\x07", "The text contains U+001B, which may not stand in it.", "one line of text",
     "It is character 1 of “\\x1b[31m王\\x07”."),
    ("name", "王\u202e芳", "The text contains U+202E, which may not stand in it.", "one line of text",
     "It is character 2 of “王\\u202e芳”."),
    ("name", "王\n芳", "The text contains a line break, which may not stand in it.", "one line of text",
     "It is character 2 of “王\\n芳”."),
    ("name", " ", "The value is empty.", None, "Leave the field out if there is nothing to say."),
    ("name", "ENC[1,internal.1,x,y]", "A text cannot begin with ENC[, as sealed values do.", None, None),
    ("remarks", "王\x1b]0;x\x07", "The text contains U+001B, which may not stand in it.",
     "text without control characters", "It is character 2 of “王\\x1b]0;x\\x07”."),
    ("email", "wang@", "“wang@” is not an e-mail address.", "an address like name@example.com",
     "The part after the @ is not a domain."),
    ("tier", "golden", "“golden” is not one of the codes.", TIERS, "Did you mean gold (Gold)?"),
    ("kind", "robot", "“robot” is not one of the codes.", KINDS, None),
    ("external.../x", "1", "“../x” is not a usable key.", KEY, None),
    ("custom.invoice_kind", "x", "“x” is not one of the codes.",
     "one of ordinary (Ordinary invoice), special (Special VAT invoice)", None),
    ("score.interest", "9", "The number is out of range.", "≤ 5", None),
    ("company", "王芳商店", "Company does not belong to a customer of this kind.", "kind: enterprise",
     "Give name instead of company."),
]  # fmt: skip
WRONG_NAMES = [
    ("naem=x", "Unknown field naem.", "naem", "Did you mean name?"),
    ("id=C20240510009", "id is given by the system.", "id", None),
    ("uid=x", "uid is given by the system.", "uid", None),
    ("\x1b[31m=x", "Unknown field \\x1b[31m.", "\\x1b[31m", None),
    (f"{LONG}=x", f"Unknown field {SHOWN}.", SHOWN, None),
    ("tier", "“tier” must be NAME=VALUE.", None, "Write it like tier=gold."),
    ("=x", "“=x” must be NAME=VALUE.", None, "Write it like tier=gold."),
]
values = pytest.mark.parametrize(
    ("field", "value", "message", "expected", "hint"),
    [pytest.param(*row, id=f"{row[0]}-{row[1][:9]!a}") for row in VALUES],
)
names = pytest.mark.parametrize(
    ("pair", "message", "field", "hint"), [pytest.param(*row, id=f"{row[0][:9]!a}") for row in WRONG_NAMES]
)


def said(message, place, expected=None, hint=None):
    expected = f" (expected {expected})" if expected else ""
    return f"error: {message}{expected}\n" + (f"  {place}\n" if place else "") + (f"hint: {hint}\n" if hint else "")


def options(**fields):
    """A sound new customer as options, but for these fields."""
    return [word for name, value in {**SOUND, **fields}.items() for word in (f"--{name}", value)]


@values
def test_a_new_customer_with_such_a_value(crm, field, value, message, expected, hint):
    words = options(**{field: value}) if field in SOUND else [*options(), "--set", f"{field}={value}"]
    refusal = crm.refused("add", *words)
    assert refusal.words == said(message, field, expected, hint)
    where = {"path": None, "line": None, "field": field}
    finding = {"severity": "error", "message": message, "where": where, "expected": expected, "hint": hint}
    assert (refusal.error["message"], refusal.error["hint"], refusal.error["where"]) == (message, hint, where)
    assert refusal.error["findings"] == [finding]


@values
def test_such_a_value_in_an_update(crm, field, value, message, expected, hint):
    words = crm.stopped_by("update", "王芳", "--set", f"{field}={value}")
    if field == "kind":
        assert message in words
    else:
        assert words == said(message, f"{WANG}: {field}", expected, hint)


@names
def test_such_a_field_in_a_new_customer(crm, pair, message, field, hint):
    assert crm.stopped_by("add", *options(), "--set", pair) == said(message, field, None, hint)


@names
def test_such_a_field_in_an_update(crm, pair, message, field, hint):
    refusal = crm.refused("update", "王芳", "--set", pair)
    assert refusal.words == said(message, field, None, hint)
    assert (refusal.error["message"].replace("\x1b", "\\x1b"), refusal.error["hint"]) == (message, hint)


@pytest.mark.parametrize(
    ("words", "exit", "said"),
    [
        (("--unset", "nope"), 2, "Unknown field nope.\n  nope\n"),
        (("--unset", "status"), 2, f"status is missing.\n  {WANG}: status\n"),
        (("--set", "tier=gold", "--set", "tier=silver"), 2, "“tier” is given twice.\n"),
        (("--set", "status=archived"), 2,
         "A customer cannot go from “Active” to “Archived”.\n  status\nhint: `crm archive NUMBER --reason ended|churned` "),
        (("--set", "status=lead"), 2,
         "A customer cannot go from “Active” to “Lead”.\n  status\n"
         "hint: Possible now: ended (Cooperation ended), churned (Churned).\n"),
        (("--add-tag", "a b"), 2,
         "The tag “a b” contains “ ”. (expected a word without spaces, commas and quotation marks)\n"
         f"  {WANG}: tags[2]\nhint: Join words with a hyphen, or give two tags.\n"),
        (("--set", "tier=gold", "--reason", "\x1b[31mwhim"), 2, "Unknown reason “\\x1b[31mwhim”.\n  --reason\nhint: "),
        (("--set", "sale.amount=1"), 2,
         "sale.amount belongs to an entry.\n  sale.amount\nhint: Use `crm sale add` or `crm sale update`.\n"),
        ((), 2, "Nothing to change.\nhint: Give --set, --unset, --add-tag or --rm-tag.\n"),
        (("--set", "phone=13900139000"), 4,
         "C20240510002 has the same phone.\n  C20240510002  phone\n"
         "hint: Add --duplicate-ok if they really are two.\n"),
    ],
)  # fmt: skip
def test_other_updates_that_cannot_be(crm, words, exit, said):
    assert crm.stopped_by("update", "王芳", *words, exit=exit).startswith(f"error: {said}")


def test_gaps_are_named_all_at_once(crm):
    assert crm.stopped_by("add", "--kind", "individual", "--name", "李四", "--source", "store") == (
        "error: 2 problems:\n  phone: Phone is missing.\n  region: Region is missing.\n"
        "hint: Give it, or add --incomplete to enter the file with the gap.\n"
    )


def test_several_values_are_named_all_at_once(crm):
    words = crm.stopped_by("add", *options(phone="138ABC", region="月球"), "--birthday", "2024-02-30")
    assert [line.split(":")[0] for line in words.splitlines()][1:4] == ["  phone", "  region", "  birthday"]


# Entries

ENTRY = f"{WANG}: transactions[2]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sale", "add", "王芳", "--product", "茶", "--amount", "1e400"),
         f"“1e400” is not an amount. (expected {AMOUNT})\n  {ENTRY}.amount\nhint: {NO_EXPONENT}\n"),
        (("sale", "add", "王芳", "--product", "茶", "--amount", "1", "--date", "2024-02-30"),
         f"There is no such day: 2024-02-30. (expected a day from 1 to 29 in this month)\n  {ENTRY}.date\n"),
        (("sale", "add", "王芳", "--product", "茶", "--price", "999999999999999", "--quantity", "99999999999"),
         "“99999999998999900000000001” has too many digits. "
         f"(expected at most 15 digits before the point and 6 after it)\n  {ENTRY}.amount\n"),
        (("sale", "add", "王芳", "--product", "茶"), f"amount is missing.\n  {ENTRY}.amount\n"),
        (("sale", "add", "王芳", "--product", LONG, "--amount", "1"),
         f"{SHOWN} is too long: 300000 characters. (expected at most 200 characters)\n  {ENTRY}.product\n"),
        (("sale", "update", "王芳", "S7", "--amount", "1e400"),
         f"“1e400” is not an amount. (expected {AMOUNT})\n  {WANG}: transactions[1].amount\nhint: {NO_EXPONENT}\n"),
        (("sale", "update", "王芳", "S7"),
         "Nothing to change.\nhint: Give the fields to change as options.\n"),
        (("interaction", "add", "王芳", "--channel", "call", "--summary", "\x1b[2J"),
         "The text contains U+001B, which may not stand in it. (expected text without control characters)\n"
         f"  {WANG}: interactions[2].summary\nhint: It is character 1 of “\\x1b[2J”.\n"),
    ],
)  # fmt: skip
def test_entries_that_do_not_hold(crm, words, said):
    assert crm.refused(*words).words == f"error: {said}"


@pytest.mark.parametrize("entry", ["S9", "", "\x1b[31m", "../S7"])
def test_an_entry_that_is_not_there(crm, entry):
    shown = entry.replace("\x1b", "\\x1b")
    said = f"error: There is no entry “{shown}”.\nhint: `list` shows the entry ids.\n"
    assert crm.stopped_by("sale", "show", "王芳", "--", entry, exit=3) == said
    assert crm.stopped_by("sale", "update", "王芳", "--amount", "1", "--", entry, exit=3) == said


def test_an_entry_that_could_be_two(crm):
    assert crm("sale", "add", "王芳", "--product", "茶", "--amount", "1").exit == 0
    refusal = crm.refused("sale", "update", "王芳", "S", "--amount", "5", exit=4)
    assert refusal.words.startswith("error: 2 entries begin with “S”.\n  S")
    assert len(refusal.error["candidates"]) == 2


# What looks dangerous and is only text

MARKUP = "[red]王[/red] [link=x]{0} %s $HOME"


def test_markup_is_kept_and_shown_as_it_is(crm):
    assert crm("update", "C20240510001", "--set", f"name={MARKUP}").exit == 0
    assert f'name: "{MARKUP}"\n' in (crm.folder / WANG).read_text()
    assert MARKUP in crm("show", "C20240510001").out
    assert MARKUP in crm("list").out
    assert crm("show", MARKUP, "--format", "ids").out == "C20240510001\n"
    assert json.loads(crm("show", "C20240510001", "--format", "json").out)["data"]["name"] == MARKUP
    rows = csv.DictReader(io.StringIO(crm("list", "--format", "csv").out))
    assert next(rows)["name"] == MARKUP


def test_a_formula_stays_text_for_a_spreadsheet(crm):
    assert crm("update", "C20240510001", "--set", "name==HYPERLINK(1)").exit == 0
    rows = csv.DictReader(io.StringIO(crm("list", "--format", "csv").out))
    assert next(rows)["name"] == "'=HYPERLINK(1)"
    assert json.loads(crm("list", "--format", "json").out)["data"][0]["name"] == "=HYPERLINK(1)"


def test_a_note_cannot_forge_a_trailer(crm):
    assert crm("update", "王芳", "--set", "tier=gold", "--note", "x\x1b[31m\nCrm-Op: purge").exit == 0
    assert crm.git("log", "-1", "--format=%(trailers:key=Crm-Op,valueonly)").split() == ["update"]
    assert crm("history").exit == 0


def test_a_dry_run_with_a_bad_value_is_refused_too(crm):
    assert crm.stopped_by("update", "王芳", "--set", "tier=golden", "--dry-run").startswith("error: “golden”")


def test_a_dry_run_shows_a_number_that_is_nobodys(crm):
    before = crm.state()
    ended = crm("add", *options(), "--dry-run")
    assert ended.exit == 0
    assert "C20240510003 name: — → 李四" in ended.out
    assert crm.state() == before


def test_what_is_hardly_meant_is_a_warning_and_no_error(crm):
    said = "warning: C20240510001: birthday: The birthday is not the one in the ID number.\n"
    ended = crm("update", "王芳", "--set", "birthday=1990-03-08", "--set", "id_number=11010519491231002X")
    assert (ended.exit, said in ended.err) == (0, True)
    assert said not in crm("update", "王芳", "--add-tag", "x").err
    contact = ("contact", "add", "王芳", "--name", "李示例", "--phone", "13900139000")
    assert "contact person" not in crm(*contact).err
    assert "A contact person with this name and phone is listed already." in crm(*contact).err
    assert {"birthday", "contacts[2]"} <= {
        row["field"] for row in json.loads(crm("--format", "json", "check").out)["data"]
    }
