"""Changes of a plain tree: set, unset, tags, entries, moves of status and tier. Pure; every function returns a new tree.

Values are the strings a person gave; validation comes afterwards, when the tree is read as a dossier.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crmcli.errors import Conflict, Finding, Invalid, NotFound, Where
from crmcli.model.catalog import CatalogField
from crmcli.model.codes import CodeLabel, quoted_label, shown
from crmcli.model.dossier import Dossier
from crmcli.model.identity import new_entry_id
from crmcli.model.names import labelled, meant
from crmcli.model.nearest import nearest
from crmcli.model.spelling import quoted
from crmcli.text import _

Tree = dict[str, Any]
Fields = Mapping[str, CatalogField]
MOVES = {"status": ("status_history", "H"), "tier": ("tier_history", "G")}
LONGEST = 80  # characters of a field's name that are said back
LIFE: dict[str, tuple[str, ...]] = {
    "lead": ("active", "ended", "churned"),
    "active": ("ended", "churned"),
    "ended": ("active", "archived"),
    "churned": ("active", "archived"),
    "archived": ("active",),
}


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person asked to change: values by dotted name, names to clear, tags to add and to remove."""

    set: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


def apply(tree: Mapping[str, Any], edits: Edits, fields: Fields) -> Tree:
    """The tree after the edits, values still as given. Invalid for what can't be set."""
    changed = deepcopy(dict(tree))
    values, cleared = called(edits.set, fields), [meant(name, fields) for name in edits.unset]
    for name in set(cleared) & set(values):
        raise _refusal(name, _("{name} is both set and cleared.").format(name=name), None)
    for name in cleared:
        _drop(changed, _key(name, fields))
    for name, value in values.items():
        put(changed, name, value, fields)
    _retag(changed, edits)
    return changed


def with_moves(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    today: date,
    statuses: Mapping[str, CodeLabel],
    reason: str | None = None,
) -> Tree:
    """`after` with every change of status or tier since `before` entered in its history. Both trees are canonical.

    statuses  what the house calls each status, for messages
    """
    check_move(before.get("status", ""), after["status"], statuses)
    check_until(before, after, today)
    moved = dict(after)
    for name, (history, letter) in MOVES.items():
        if before.get(name) != after.get(name):
            move = {"id": new_entry_id(letter), "date": today.isoformat(), name: after.get(name), "reason": reason}
            kept = {key: value for key, value in move.items() if value}
            moved[history] = [*after.get(history, ()), kept]
    return {key: moved[key] for key in Dossier.model_fields if key in moved}


def called(values: Mapping[str, str], fields: Fields) -> dict[str, str]:
    """Values by the catalogue's names, whatever people called the fields; Invalid for a field given by two names."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if meant(name, fields) in found:
            raise _refusal(name, _("{name} is given twice.").format(name=quoted(name)), None)
        found[meant(name, fields)] = value
    return found


def put(tree: Tree, name: str, value: str, fields: Fields) -> None:
    """Set one value by its name or label, making the groups on the way."""
    name = meant(name, fields)
    if name in ("tag", "tags"):
        tree["tags"] = [part.strip() for part in value.replace("，", ",").split(",") if part.strip()]
        return
    *way, last = _key(name, fields)
    node = tree
    for part in way:
        node = node.setdefault(part, {})
    node[last] = value


def settable(name: str, fields: Fields) -> CatalogField:
    """The field by that name if people may set it on a customer; Invalid with the nearest name otherwise."""
    found = fields.get(name) or next((one for one in fields.values() if one.assigned and one.key == (name,)), None)
    table = fields.get(name.split(".")[0])
    if found is None and table is not None and table.table and "." in name:
        found = table
    if found is None:
        own = [one for one in fields.values() if not one.noun and not one.assigned]
        known = (*(one.name for one in own), *labelled(own))
        said = name if len(name) <= LONGEST else quoted(name)
        raise _refusal(said, _("Unknown field {name}.").format(name=said), nearest(name[:LONGEST], known))
    if found.noun:
        hint = _("Use `crm {noun} add` or `crm {noun} update`.").format(noun=found.noun)
        raise _refusal(name, _("{name} belongs to an entry.").format(name=name), hint)
    if found.assigned:
        raise _refusal(name, _("{name} is given by the system.").format(name=name), None)
    return found


def with_entry(tree: Mapping[str, Any], noun_list: str, entry: Mapping[str, Any]) -> Tree:
    """The tree with one more entry at the end of a list."""
    return {**tree, noun_list: [*tree.get(noun_list, ()), dict(entry)]}


def find_entry(tree: Mapping[str, Any], noun_list: str, entry_id: str) -> Tree:
    """The one entry whose id is, or begins with, `entry_id`; NotFound for none, Conflict for several."""
    wanted = entry_id.strip().upper()
    found = [entry for entry in tree.get(noun_list, ()) if wanted and entry["id"].startswith(wanted)]
    if not found:
        raise NotFound(_("There is no entry {id}.").format(id=quoted(entry_id)), hint=_("`list` shows the entry ids."))
    if len(found) > 1:
        raise Conflict(
            _("{count} entries begin with {id}.").format(count=len(found), id=quoted(entry_id)),
            kind="ambiguous",
            hint=_("Write more of the id."),
            candidates=[{"entry": entry["id"]} for entry in found[:20]],
        )
    return dict(found[0])


def replace_entry(tree: Mapping[str, Any], noun_list: str, entry: Mapping[str, Any]) -> Tree:
    """The tree with the entry of the same id replaced."""
    return {**tree, noun_list: [dict(entry) if old["id"] == entry["id"] else old for old in tree[noun_list]]}


def changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The top-level keys that differ, in canonical order of `after`, for commit subjects; never a value.

    A move speaks for its history.
    """
    keys: Iterable[str] = dict.fromkeys((*after, *before))
    told = {history for history, _letter in MOVES.values()}
    return [key for key in keys if before.get(key) != after.get(key) and key not in told]


def check_move(before: str, after: str, statuses: Mapping[str, CodeLabel]) -> None:
    """Invalid when a status cannot follow another (lead → active → ended | churned → archived, and back to active)."""
    if before != after and before in LIFE and after not in LIFE[before]:
        was, wanted = (quoted_label(code, statuses) for code in (before, after))
        hint = _("Possible now: {moves}.").format(moves=", ".join(shown(code, statuses) for code in LIFE[before]))
        if after == "archived":
            hint = _("`crm archive NUMBER --reason ended|churned` says how the customer left and archives the file.")
        said = _("A customer cannot go from {before} to {after}.").format(before=was, after=wanted)
        raise _refusal("status", said, hint)


def check_until(before: Mapping[str, Any], after: Mapping[str, Any], today: date) -> None:
    """Invalid when a tier is newly fixed until a day that is over, or when there is no tier to be fixed."""
    until = after.get("tier_until")
    if until and not after.get("tier") and (before.get("tier") or before.get("tier_until") != until):
        said = _("There is no tier to be fixed until {day}.").format(day=until)
        raise _refusal("tier_until", said, _("Set tier as well, or unset tier_until."))
    if until and until < today.isoformat() and before.get("tier_until") != until:
        said = _("A tier cannot be fixed until {day}, which is over.").format(day=until)
        raise _refusal("tier_until", said, _("Give today or a later day; without tier_until the rules decide."))


def _key(name: str, fields: Fields) -> tuple[str, ...]:
    found = settable(name, fields)
    return (*found.key, name.split(".", 1)[1]) if found.table and "." in name else found.key


def _drop(tree: Tree, key: tuple[str, ...]) -> None:
    for part in key[:-1]:
        tree = tree.get(part, {})
    tree.pop(key[-1], None)


def _retag(tree: Tree, edits: Edits) -> None:
    kept = [tag for tag in tree.get("tags", ()) if tag not in edits.remove_tags]
    tree["tags"] = list(dict.fromkeys((*kept, *edits.add_tags)))
    if not tree["tags"]:
        del tree["tags"]


def _refusal(name: str, message: str, hint: str | None) -> Invalid:
    where = Where(field=name)
    return Invalid(message, where=where, hint=hint, findings=[Finding(message, where, None, hint)])
