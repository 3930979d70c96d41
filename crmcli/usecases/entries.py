"""Entries of a customer file: interactions, sales, contacts, addresses. The nouns are derived from the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crmcli.errors import Finding, Invalid, ValueProblem
from crmcli.model import edits, plain
from crmcli.model.base import Entry
from crmcli.model.derive import scalars, shape_of
from crmcli.model.dossier import Dossier
from crmcli.model.fields import spec_of
from crmcli.model.identity import new_entry_id
from crmcli.rules.oddities import oddities
from crmcli.store.transaction import Desk
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.records import Record, change, read, read_editable, validated
from crmcli.usecases.resolve import resolve
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.view import damaged_in
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of entry: its word in commands, its key in the file, the letter its ids begin with, its fields."""

    word: str
    key: str
    letter: str
    fields: tuple[str, ...]


def _nouns() -> dict[str, Noun]:
    found = {}
    for key, info in Dossier.model_fields.items():
        shape, word = shape_of(info), spec_of(info).noun
        if word and isinstance(shape, tuple) and issubclass(shape[1], Entry):
            found[word] = Noun(word, key, shape[1].letter, tuple(shape[1].model_fields))
    return found


NOUNS = _nouns()
AMOUNT = scalars()["sale.amount"]


def add_entry(work: Workplace, word: str, ref: str, values: Mapping[str, str], *, why: Why, dry_run: bool) -> Outcome:
    """Add one entry to a customer; what was left out and is plain from the moment (date, currency, sum) is filled in."""
    noun = NOUNS[word]

    def plan(desk: Desk | None) -> Plan:
        record = read_editable(work, resolve(work, ref))
        entry = {"id": new_entry_id(noun.letter), **completed(work, noun, values)}
        return _plan(work, record, noun, edits.with_entry(record.tree, noun.key, entry), entry["id"], "add", why)

    return carry_out(work, f"{word} add", plan, dry_run=dry_run)


def update_entry(
    work: Workplace, word: str, ref: str, entry_id: str, values: Mapping[str, str], *, why: Why, dry_run: bool
) -> Outcome:
    """Change fields of one entry; an empty value clears the field."""
    noun = NOUNS[word]
    if not values:
        raise Invalid(_("Nothing to change."), kind="usage", hint=_("Give the fields to change as options."))

    def plan(desk: Desk | None) -> Plan:
        record = read_editable(work, resolve(work, ref))
        old = edits.find_entry(record.tree, noun.key, entry_id)
        entry = {key: value for key, value in {**old, **values}.items() if value != ""}
        return _plan(work, record, noun, edits.replace_entry(record.tree, noun.key, entry), old["id"], "update", why)

    return carry_out(work, f"{word} update", plan, dry_run=dry_run)


@dataclass(frozen=True)
class Shown:
    """Entries of one kind as they may be shown (`view.Seen`), what could not be read of them, what is wrong with them."""

    people: list[Tree]
    data: list[Tree]
    sealed: tuple[str, ...]
    findings: tuple[Finding, ...]


def entries_shown(
    work: Workplace, word: str, ref: str, entry_id: str | None = None, *, reveal: Why | None = None
) -> Shown:
    """The entries of one kind, or the one that `entry_id` names.

    reveal  why masked values are shown in full, which is entered in the history
    """
    record, key = read(work, resolve(work, ref)), NOUNS[word].key
    whole = record.tree.get(key, [])
    chosen = whole if entry_id is None else [edits.find_entry(record.tree, key, entry_id)]
    view = view_of(work, reveal)
    seen = view.of_tree({"id": record.number, key: chosen}, damaged_in(record.findings))
    entered(work, view, reveal)
    return Shown(seen.people[key], seen.data[key], seen.sealed, record.findings)


def completed(work: Workplace, noun: Noun, values: Mapping[str, str]) -> dict[str, str]:
    """The values of an entry with the moment, the day, the currency and the sum where they were left out."""
    given = {name: value for name, value in values.items() if value not in ("", None)}
    plainly = {
        "at": work.now.isoformat(timespec="minutes"),
        "date": work.today.isoformat(),
        "currency": work.house.settings.currency,
        "amount": _sum(given),
    }
    return {**{name: value for name, value in plainly.items() if name in noun.fields and value}, **given}


def _sum(given: Mapping[str, str]) -> str | None:
    """Price times quantity (one where none is given); None without a price. Where one of the two can't be read, which
    validation names, the sum is no further problem."""
    try:
        price = AMOUNT.parse(given["price"], None)
        return format(price * Decimal(AMOUNT.parse(given.get("quantity", "1"), None)), "f")
    except KeyError:
        return None
    except ValueProblem:
        return "0"


def _plan(work: Workplace, record: Record, noun: Noun, tree: Tree, entry_id: str, act: str, why: Why) -> Plan:
    after = plain.write(validated(work, tree, record.path))
    op = f"{noun.word} {act}"
    said = message(op, f"{op} {record.number}: {entry_id}", [record.number], why, entry=entry_id)
    odd = oddities(after, record.number, record.tree)
    return Plan([change(work, after, record.data)], said, (record.number,), odd, {"entry": entry_id})
