"""One customer's file, and every way to spoil it that the tests of bad files go through."""

from dataclasses import dataclass
from typing import Any

WANG = "records/2024/05/C20240510001.yaml"
ASSIGNED = "id: C20240510001\nuid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\n"
GOOD = f"""\
{ASSIGNED}kind: individual
name: 王芳
phone: "+8613800138000"
region: 北京市/朝阳区
id_number: 11010519491231002X
source: store
owner: li.na
status: active
tags:
  - vip
external:
  shop: "00004"
transactions:
  - id: S7K2M9QXA
    date: "2024-05-10"
    product: 会员卡
    amount: "398.00"
    currency: CNY
"""
LINES = "Every line is `name: value`."
REGION = "province/city/district, for example 广东省/深圳市/南山区, or a code of GB/T 2260"
REGIONS = "A region that is missing from the table can be declared in the house rules."
WRITTEN_OUT = "Write the value out; put text that starts with this sign between double quotes."
MERGE = (
    "`crm resolve` decides it while the merge is under way; otherwise keep the lines that are right, and remove those with "
    "<<<<<<<, ======= and >>>>>>>."
)


@dataclass(frozen=True)
class Flaw:
    """One way to spoil the good file, and what is said of it."""

    name: str
    old: str
    new: str | bytes
    line: int | None
    field: str | None
    message: str
    expected: str | None = None
    hint: str | None = None

    @property
    def content(self) -> bytes:
        """The spoilt file."""
        assert GOOD.count(self.old) == 1
        new = self.new if isinstance(self.new, bytes) else self.new.encode()
        return GOOD.encode().replace(self.old.encode(), new)

    def place(self, path: str, line: int | None) -> str:
        """Where the flaw is, as people read it."""
        return ": ".join(part for part in (path + (f":{line}" if line else ""), self.field) if part)

    def words(self, path: str, line: int | None) -> str:
        """What a command says that needs this very file."""
        expected = f" (expected {self.expected})" if self.expected else ""
        hint = f"hint: {self.hint}\n" if self.hint else ""
        return f"error: {self.message}{expected}\n  {self.place(path, line)}\n{hint}"

    def aside(self, path: str) -> str:
        """What a command says that goes on with the others."""
        expected = f" (expected {self.expected})" if self.expected else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"error: {self.place(path, self.line)}: {self.message}{expected}{hint}\n"

    def found(self, path: str, line: int | None) -> dict[str, Any]:
        """The finding in JSON."""
        where = {"path": path, "line": line, "field": self.field}
        return {
            "severity": "error",
            "message": self.message,
            "where": where,
            "expected": self.expected,
            "hint": self.hint,
        }


FLAWS = [
    Flaw(
        *("unknown key", "owner: li.na", "ownr: li.na", 9, "ownr"),
        *("Unknown field ownr.", None, "Did you mean owner?"),
    ),
    Flaw(
        *("a table where a list belongs", "tags:\n  - vip", "tags:\n  vip: yes", 11, "tags"),
        *("The structure is wrong here.", "a list, every line of it beginning with `- `"),
    ),
    Flaw(
        *("a list where a text belongs", "name: 王芳", "name:\n  - 王芳", 4, "name"),
        *("This is not a text.", "text"),
    ),
    Flaw(
        *("a text where an entry belongs", "transactions:\n", "transactions:\n  - 会员卡\n", 16, "transactions[1]"),
        *("The structure is wrong here.", "lines of `name: value`"),
    ),
    Flaw(
        *("broken YAML", "name: 王芳", "name: [王芳", 4, None),
        *("A list or table in brackets is not well formed.", None, "Put a comma between its parts, and close it."),
    ),
    Flaw(
        *("a tab", "  - vip", "\t- vip", 12, None),
        *("A tab stands where spaces must.", None, "Indent with two spaces for each step."),
    ),
    Flaw(
        *("a key twice", "owner: li.na", "owner: li.na\nname: 王五", 10, "name"),
        *("name is here twice; the first is on line {first}.", None, "Keep one of them."),
    ),
    Flaw(
        *("an anchor", "name: 王芳", "name: &a 王芳", 4, "name"),
        *("Anchors are not allowed: a & starts one.", None, WRITTEN_OUT),
    ),
    Flaw(
        *("an alias", "name: 王芳", "name: *a", 4, "name"),
        *("Aliases are not allowed: a * starts one.", None, WRITTEN_OUT),
    ),
    Flaw(
        *("a tag that would run a program", "name: 王芳", "name: !!python/object:os.system 王芳", 4, "name"),
        *("Tags are not allowed: a ! starts one.", None, WRITTEN_OUT),
    ),
    Flaw(
        *("a value left out", "name: 王芳", "name:", 4, "name"),
        *("A value is expected.", None, "Remove the line, or write a value."),
    ),
    Flaw(
        *("a NUL byte", "王芳", "王\0芳", 4, None),
        "The character U+0000 may not stand in the file as it is.",
        *(None, 'Remove it, or write it between double quotes as "\\u0000".'),
    ),
    Flaw(
        *("invalid UTF-8", "王芳", b"\xc3\x28", 4, None),
        *("Not UTF-8: byte 0xC3 in column 7.", None, "Save it as UTF-8."),
    ),
    Flaw(
        *("conflict markers", "owner: li.na", "<<<<<<< HEAD\nowner: li.na\n=======\nowner: x\n>>>>>>> other", 9, None),
        *("Unresolved merge conflict.", None, MERGE),
    ),
    Flaw(
        *("a phone with letters", "+8613800138000", "1380013800O", 5, "phone"),
        *("The phone number “1380013800O” contains letters.", "digits, for example +8613800138000"),
        "Give one number; names and notes belong in other fields.",
    ),
    Flaw(
        *("an ID card with a wrong checksum", "11010519491231002X", '"110105194912310021"', 7, "id_number"),
        "The check digit of the identity card number is wrong.",
        *("a number with the right check digit", "A character is mistyped, or two are swapped."),
    ),
    Flaw(
        *("an unknown division", "北京市/朝阳区", "月球", 6, "region"),
        *("“月球” is not a known region.", REGION, f"Did you mean 江西省/鹰潭市/月湖区? {REGIONS}"),
    ),
    Flaw(
        *("a day that is none", '"2024-05-10"', '"2024-02-30"', 17, "transactions[1].date"),
        *("There is no such day: 2024-02-30.", "a day from 1 to 29 in this month"),
    ),
    Flaw(
        *("an amount beyond all money", '"398.00"', "1e400", 19, "transactions[1].amount"),
        *("“1e400” is not an amount.", "digits with a decimal point, for example 1234.50"),
        "Leave out currency signs and exponents; the currency is a field of its own.",
    ),
    Flaw(
        *("a very long name", "王芳", "王" * 300_000, 4, "name"),
        *(f"“{'王' * 59}…” is too long: 300000 characters.", "at most 200 characters"),
    ),
    Flaw(
        *("a name of control characters", "name: 王芳", 'name: "\\e[31m\\a"', 4, "name"),
        *("The text contains U+001B, which may not stand in it.", "one line of text"),
        "It is character 1 of “\\x1b[31m\\x07”.",
    ),
    Flaw(
        *("a custom field nobody declared", "external:", "custom:\n  nope: x\nexternal:", 14, "custom.nope"),
        *("Unknown custom field nope.", "a field declared in schemas/custom-fields.yaml"),
    ),
    Flaw(
        *("a key with ../ in it", 'shop: "00004"', '../x: "4"', 14, "external.../x"),
        *("“../x” is not a usable key.", "a letter, then up to 39 letters, digits, hyphens or underscores"),
    ),
    Flaw(
        *("a field of the other kind", "owner: li.na", "company: 王芳商店", 9, "company"),
        *("Company does not belong to a customer of this kind.", "kind: enterprise"),
        hint="Give name instead of company.",
    ),
    Flaw(
        *(
            "an entry id twice",
            "  - id: S7K2M9QXA",
            '  - id: S7K2M9QXA\n    date: "2024-05-09"\n    product: 茶\n'
            '    amount: "9"\n    currency: CNY\n  - id: S7K2M9QXA',
            21,
            "transactions[2]",
        ),
        *("S7K2M9QXA is listed twice.",),
    ),
    Flaw(
        *("two customers in one file", "    currency: CNY\n", "    currency: CNY\n---\nkind: individual\n", 21, None),
        *("A second document starts here.", None, "One customer, one file: move it to a file of its own."),
    ),
    Flaw(*("nothing at all", GOOD, "# nobody\n", None, None), *("The file is empty.", None, LINES)),
    Flaw(
        *("no names and values", GOOD, "hello\n", 1, None),
        *("This is not a customer: names with values are expected.", None, LINES),
    ),
]
