"""One field and one value → a condition. What a value means depends on the field's type alone.

text     contains it: the words in a row, the last one may go on; quoted, whole words; `王*` begins with it
whole    tags, external ids, ids: equal; `C2024*` begins with it
code     the code, or its label in either language
phone    any spelling; from four digits on also the end of the number
e-mail   equal; `@example.com` ends with it; without an @ as text
region   any level or levels in a row, with or without 省 市 区
ordered  amounts, numbers, dates, moments: equal, `>`, `<`, ranges
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from crmcli.errors import ValueProblem
from crmcli.index.clauses import Clause, some
from crmcli.index.layout import ORDERED, Column, Target
from crmcli.index.numbers import digits, flag_key, phone_forms
from crmcli.index.regions import levels, region_key, short
from crmcli.index.rows import Codes
from crmcli.index.spans import Span, of_number, span
from crmcli.index.syntax import Word
from crmcli.index.words import DIGITS_INSIDE, phrase, words
from crmcli.model.codes import shown
from crmcli.model.nearest import nearest
from crmcli.model.spelling import fold
from crmcli.text import _

FOUND = "d.doc IN (SELECT rowid FROM words WHERE words MATCH ?)"
SHOWN = 12  # so many codes are listed when one is unknown
COMPARISONS: Mapping[str, tuple[str, str]] = {
    "<": ("<", "low"),
    "<=": ("<", "high"),
    ">": (">=", "high"),
    ">=": (">=", "low"),
}
Bound = tuple[str, Word] | None  # ">=" and its value


@dataclass(frozen=True, slots=True)
class Rules:
    """What values are read by: the lists of codes and the clock."""

    codes: Codes
    now: datetime


def present(target: Target) -> Clause:
    """The field has a value, or the customer has an entry of the noun."""
    if target.column is None:
        return Clause(f"d.doc IN (SELECT doc FROM {target.table})")  # noqa: S608
    return _held(target, target.column, "1", (), "{text}")


def equal(target: Target, column: Column, value: Word, rules: Rules) -> Clause:
    """The field holds, contains or begins with the value, as its type has it; ValueProblem for one that cannot be."""
    if column.type in ORDERED:
        found = _span(column, value, rules)
        return _held(target, column, "({key} >= ? AND {key} < ?)", (found.low, found.high))
    condition = _WAYS[_way(column, value)](column, value, rules)
    return condition if isinstance(condition, Clause) else _held(target, column, *condition)


def compared(target: Target, column: Column, sign: str, value: Word, rules: Rules) -> Clause:
    """The field is less or more than the value; a month or a year counts as a whole."""
    operator, end = COMPARISONS[sign]
    return _held(target, column, f"{{key}} {operator} ?", (getattr(_span(column, value, rules), end),))


def between(target: Target, column: Column, low: Bound, high: Bound, rules: Rules) -> Clause:
    """The field lies between two bounds, each a comparison or None; both hold for the same entry."""
    parts, params = [], []
    for bound in (low, high):
        if bound is not None:
            operator, end = COMPARISONS[bound[0]]
            parts.append(f"{{key}} {operator} ?")
            params.append(getattr(_span(column, bound[1], rules), end))
    return _held(target, column, f"({' AND '.join(parts)})" if parts else "1", tuple(params))


def _held(target: Target, column: Column, condition: str, params: tuple[object, ...], there: str = "") -> Clause:
    """`condition` where the field has a value; an ordered one where the value could be read, or `there` is not empty."""
    place = "d." if column.table == "docs" else ""
    tested = f"{there or ('{key}' if column.type in ORDERED else '{text}')} <> '' AND {condition}"
    sql = tested.format(text=place + column.text, key=place + column.sort)
    if column.table == "docs":
        return Clause(f"({sql})", params, 2)
    if column.table != "many":
        return Clause(f"d.doc IN (SELECT doc FROM {column.table} WHERE {sql})", params, 2)  # noqa: S608
    row = "" if target.row is None else " AND row = ?"
    own = (column.position,) if target.row is None else (column.position, target.row)
    return Clause(f"d.doc IN (SELECT doc FROM many WHERE field = ?{row} AND {sql})", (*own, *params), 2)  # noqa: S608


def _span(column: Column, value: Word, rules: Rules) -> Span:
    if value.prefix:
        raise ValueProblem(
            _("The field {name} cannot be searched with *.").format(name=column.name),
            hint=_("Use >, < or a range: [a TO b]."),
        )
    if column.type in ("amount", "integer"):
        return of_number(value.text)
    return span(value.text, rules.now, moments=column.type == "moment")


def _way(column: Column, value: Word) -> str:
    if column.type == "text":
        return "id" if column.whole else "text"
    if column.type == "email" and not column.field.many and "@" not in value.text and not value.prefix:
        return "text"
    return column.type


Test = tuple[str, tuple[object, ...]]
Condition = Clause | Test


def _text(column: Column, value: Word, rules: Rules) -> Condition:
    found = words(value.text)
    if not found:
        raise ValueProblem(_("There is nothing to search for in {value}.").format(value=value.text))
    if column.table == "many":
        sought = f" {' '.join(found)}" + (" " if value.quoted and not value.prefix else "")
        return f"instr(w, ?) {'= 1' if value.prefix else '> 0'}", (sought,)
    expression = phrase(found, prefix=value.prefix or not value.quoted, first=value.prefix)
    return Clause(FOUND, (f"{{{column.words}}} : {expression}",), 1)


def _whole(column: Column, value: Word, rules: Rules) -> Condition:
    return _same(fold(value.text), value.prefix)


def _same(text: str, prefix: bool) -> Test:
    return ("substr({key}, 1, length(?)) = ?", (text, text)) if prefix else ("{key} = ?", (text,))


def _code(column: Column, value: Word, rules: Rules) -> Condition:
    known = rules.codes.get(column.field.codes or "", {})
    said = fold(value.text).strip()
    fits: Callable[[str], bool] = said.__eq__ if not value.prefix else (lambda name: name.startswith(said))
    found = [code for code, label in known.items() if any(fits(fold(name)) for name in (code, label.zh, label.en))]
    if value.prefix:
        begins = _same(said, prefix=True)
        marks = ", ".join("?" * len(found))
        return f"({begins[0]} OR {{key}} IN ({marks}))", (*begins[1], *map(fold, found))
    if known and not found:
        raise ValueProblem(
            _("{value} is not a code for {name}.").format(value=value.text, name=column.name),
            expected=", ".join(shown(code, known) for code in known) if len(known) <= SHOWN else None,
            hint=nearest(said, known),
        )
    return f"{{key}} IN ({', '.join('?' * max(1, len(found)))})", tuple(map(fold, found)) or (said,)


def _phone(column: Column, value: Word, rules: Rules) -> Condition:
    forms = phone_forms(fold(value.text))
    if not forms or (len(digits(fold(value.text))) < DIGITS_INSIDE and not value.prefix):
        raise ValueProblem(
            _("{value} is not a phone number.").format(value=value.text),
            expected=_("a number in any spelling, at least its last four digits, or its beginning: 138*"),
        )
    if value.prefix:
        tests, params = zip(*(_same(form, prefix=True) for form in forms), strict=True)
        return f"({' OR '.join(tests)})", tuple(param for pair in params for param in pair)
    marks = ", ".join("?" * len(forms))
    if value.text.lstrip().startswith("+"):
        return f"{{key}} IN ({marks})", forms
    end = forms[0].lstrip("0") or forms[0]
    return f"({{key}} IN ({marks}) OR substr({{key}}, -length(?)) = ?)", (*forms, end, end)


def _email(column: Column, value: Word, rules: Rules) -> Condition:
    said = fold(value.text).strip()
    if said.startswith("@") and not value.prefix:
        return "substr({key}, -length(?)) = ?", (said, said)
    return _same(said, value.prefix)


def _region(column: Column, value: Word, rules: Rules) -> Condition:
    parts = levels(fold(value.text))
    if not parts:
        raise ValueProblem(_("There is nothing to search for in {value}.").format(value=value.text))
    if value.prefix:
        path = "/" + "/".join(parts)
        return "(instr('/' || {text}, ?) > 0 OR instr({key}, ?) > 0)", (path, path)
    exact = [part for part in parts if part != short(part)]
    tests = ["instr({key}, ?) > 0", *["instr('/' || {text} || '/', ?) > 0"] * len(exact)]
    return f"({' AND '.join(tests)})", (region_key("/".join(parts)), *(f"/{part}/" for part in exact))


def _flag(column: Column, value: Word, rules: Rules) -> Condition:
    key = flag_key(fold(value.text).strip())
    if key is None or value.prefix:
        raise ValueProblem(_("{value} is neither yes nor no.").format(value=value.text), expected="yes, no, 是, 否")
    return "{key} = ?", (key,)


_WAYS: Mapping[str, Callable[[Column, Word, Rules], Condition]] = {
    "text": _text,
    "id": _whole,
    "code": _code,
    "phone": _phone,
    "email": _email,
    "region": _region,
    "flag": _flag,
}


def anywhere(value: Word, keys: tuple[str, ...], phones: tuple[str, ...]) -> tuple[Clause, Clause | None]:
    """Bare words: (some text contains them, a key field does). ValueProblem where there is nothing to search for."""
    found = words(value.text)
    if not found:
        raise ValueProblem(_("There is nothing to search for in {value}.").format(value=value.text))
    expression = phrase(found, prefix=value.prefix or not value.quoted)
    inside = len(found) == 1 and len(found[0]) >= DIGITS_INSIDE and digits(found[0]) == found[0] and not value.prefix
    spelled = _spelled_phone(value, len(found))
    tests = [Clause(FOUND, (expression if inside else f"- {{inside}} : {expression}",), 1)]
    if spelled and phones:
        tests.append(Clause(FOUND, (f'{{{" ".join(phones)}}} : "{spelled}" *',), 1))
    ranked = Clause(FOUND, (f"{{{' '.join(keys)}}} : {expression}",), 1) if keys else None
    return some(tests), ranked


def _spelled_phone(value: Word, pieces: int) -> str:
    """The digits of a phone number written in pieces, or "" for anything else."""
    own = digits(fold(value.text))
    piecewise = pieces > 1 and not fold(value.text).strip("+0123456789 -().")
    return own.removeprefix("00") if piecewise and len(own) >= DIGITS_INSIDE else ""
