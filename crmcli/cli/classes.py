"""Moves between classes as a table, and one customer's classes as a card; labels for people, codes for machines."""

from collections.abc import Mapping
from typing import Any

from crmcli.cli.listing import PEOPLE
from crmcli.cli.session import session
from crmcli.reports.values import Card, Column, Section, Table
from crmcli.rules.classify import NOTHING, Move
from crmcli.text import _, label, language
from crmcli.usecases.classification import Ready
from crmcli.usecases.classify import Classified
from crmcli.usecases.explain import Explained, Explanation
from crmcli.usecases.workplace import Workplace


def moves_table(work: Workplace, found: Classified) -> Table:
    """Who moves, from, to, why."""
    heads = {
        "number": _("Number"),
        "name": _("Name"),
        "scheme": _("Scheme"),
        "before": _("From"),
        "after": _("To"),
        "why": _("Why"),
    }
    schemes = {scheme.name: scheme for scheme in found.schemes}
    shown = tuple(
        _row(work, schemes[move.scheme], move, _name(found.records[move.number].tree)) for move in found.moves
    )
    return Table(tuple(Column(name, text) for name, text in heads.items()), shown, "number")


def _row(work: Workplace, scheme: Ready, move: Move, name: str) -> dict[str, str]:
    people = session().format in PEOPLE
    before, after = (_class(work, scheme, one) if people else one or "" for one in (move.before, move.after))
    said = label(en=scheme.about.en, zh=scheme.about.zh) if people else scheme.name
    row = {"number": move.number, "name": name, "scheme": said, "before": before, "after": after}
    return {**row, "why": move.reason}


def _name(tree: Mapping[str, Any]) -> str:
    return str(tree.get("name") or tree.get("company") or "")


def _class(work: Workplace, scheme: Ready, name: str | None) -> str:
    return NOTHING if name is None else scheme.label(work, name, language())


def explanation_card(work: Workplace, told: Explanation) -> Card:
    """Every class of every scheme for one customer, and what follows."""
    number = told.record.number
    sections = [section for one in told.schemes for section in _sections(work, one)]
    data = {"number": number, "schemes": [_data(one) for one in told.schemes]}
    return Card(f"{number} {_name(told.record.tree)}".strip(), tuple(sections), data, number)


def _sections(work: Workplace, told: Explained) -> tuple[Section, Section]:
    now, until = told.standing.current, told.standing.until
    lines = [(_("Now"), _class(work, told.scheme, now)), (_("Decision"), _verdict(work, told))]
    if until is not None:
        lines.append((_("Fixed until"), until.isoformat()))
    entitled = told.scheme.about.classes.get((told.rule if told.verdict == "moves" else now) or "")
    if entitled is not None and entitled.benefits is not None:
        lines.append((_("Benefits"), label(en=entitled.benefits.en, zh=entitled.benefits.zh)))
    title = label(en=told.scheme.about.en, zh=told.scheme.about.zh)
    return Section(title, tuple(lines)), Section("", _tried(work, told))


def _verdict(work: Workplace, told: Explained) -> str:
    rule = _class(work, told.scheme, told.rule)
    said = {
        "moves": _("Moves to {rule}."),
        "stays": _("Stays."),
        "kept": _("Stays: the tier was set by hand; the rules say {rule}."),
        "archived": _("Stays, since the file is archived."),
        "apart": _("Not among those whom this scheme divides."),
        "overlap": _("In several classes; the rules overlap."),
        "nowhere": _("In no class; the rules leave a gap."),
    }
    return said[told.verdict].format(rule=rule)


def _tried(work: Workplace, told: Explained) -> Table:
    heads = {"class": _("Class"), "holds": _("Holds"), "query": _("Query"), "seen": _("Seen")}
    shown = tuple(
        {
            "class": _class(work, told.scheme, one.name),
            "holds": _("yes") if one.holds else _("no"),
            "query": one.query,
            "seen": ", ".join(f"{name} {value or NOTHING}" for name, value in one.seen.items()),
        }
        for one in told.classes
    )
    return Table(tuple(Column(name, text) for name, text in heads.items()), shown, "class")


def _data(told: Explained) -> dict[str, Any]:
    until = told.standing.until
    return {
        "scheme": told.scheme.name,
        "current": told.standing.current,
        "until": until.isoformat() if until else None,
        "verdict": told.verdict,
        "rule": told.rule,
        "classes": [
            {"class": one.name, "query": one.query, "holds": one.holds, "seen": dict(one.seen)} for one in told.classes
        ],
    }
