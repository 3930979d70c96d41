"""What is to be done, for whom and when (R45, R70). Pure: dossiers, house rule and day in, reminders with reasons out.

next-step  a step agreed in an interaction. It is done, or overtaken, as soon as a later interaction is on file
visit      no contact for as long as the house allows the tier, counted from the last contact, else from the day of the
           number. Left out where a next step of the customer is on the list: that contact starts the count anew
birthday   the customer's or a contact person's. Whoever was born on 29 February has it on the 28th in common years

Archived files remind of nothing, since nobody could enter what was done. Customers who have left or have withdrawn their
consent are reminded of for agreed steps alone. Days are calendar days of the vault; `today` is one, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Literal

from crmcli.model.dossier import Dossier
from crmcli.model.entries import Interaction
from crmcli.model.identity import parse_number
from crmcli.model.reminders import Reminders
from crmcli.text import _

What = Literal["next-step", "visit", "birthday"]
ORDER: tuple[What, ...] = ("next-step", "visit", "birthday")
PRESENT = ("lead", "active")


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to do.

    on       the day it is due; `overdue` counts the days since, 0 for one that is not over
    name     what the customer is called; the number where the file has no name
    phone    whom to call, "" where there is none; `owner` whose task it is, "" for nobody's
    detail   what there is to do, as far as anybody wrote it down
    reason   why it is on the list
    """

    what: What
    on: date
    overdue: int
    number: str
    name: str
    phone: str
    owner: str
    detail: str
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """The days looked at: everything due up to `last`, birthdays up to `birthdays`."""

    today: date
    last: date
    birthdays: date


def due(
    dossiers: Iterable[Dossier], rule: Reminders, today: date, days: int | None, zone: tzinfo
) -> tuple[Reminder, ...]:
    """What is due by `days` days from today (None: however far ahead), the longest overdue first.

    zone  the vault's: the day of a contact is the day it was there
    """
    last = date.max if days is None else today + timedelta(days=days)
    ahead = rule.birthdays_ahead.last_day(today) if rule.birthdays_ahead else last
    span = Span(today, last, max(last, ahead))
    found = [reminder for dossier in dossiers for reminder in _of(dossier, rule, span, zone)]
    return tuple(sorted(found, key=lambda one: (one.on, ORDER.index(one.what), one.number)))


def _of(dossier: Dossier, rule: Reminders, span: Span, zone: tzinfo) -> Iterator[Reminder]:
    if dossier.status == "archived":
        return
    steps = list(_steps(dossier, span, zone))
    yield from steps
    if dossier.status not in PRESENT or _withdrawn(dossier, span.today):
        return
    if not steps:
        yield from _visit(dossier, rule, span, zone)
    yield from _birthdays(dossier, span)


def _withdrawn(dossier: Dossier, today: date) -> bool:
    day = dossier.collection.withdrawn_on if dossier.collection else None
    return day is not None and day <= today


def _steps(dossier: Dossier, span: Span, zone: tzinfo) -> Iterator[Reminder]:
    latest = max((entry.at for entry in dossier.interactions), default=None)
    for entry in dossier.interactions:
        if entry.next_on is not None and entry.at == latest and entry.next_on <= span.last:
            yield _step(dossier, entry, entry.next_on, span, zone)


def _step(dossier: Dossier, entry: Interaction, on: date, span: Span, zone: tzinfo) -> Reminder:
    reason = _("agreed on {day}, no contact since").format(day=entry.at.astimezone(zone).date())
    return _reminder(dossier, "next-step", on, span, entry.next_step or reason, reason, entry.by)


def _visit(dossier: Dossier, rule: Reminders, span: Span, zone: tzinfo) -> Iterator[Reminder]:
    term = rule.every(dossier.tier)
    if term is None:
        return
    seen = max((entry.at for entry in dossier.interactions), default=None)
    start = seen.astimezone(zone).date() if seen else parse_number(dossier.id)[0]
    said = _("every {term}; last contact on {day}") if seen else _("every {term}; no contact since {day}")
    on, reason = term.last_day(start), said.format(term=term.words, day=start)
    if on <= span.last:
        yield _reminder(dossier, "visit", on, span, reason, reason)


def _birthdays(dossier: Dossier, span: Span) -> Iterator[Reminder]:
    people = [(dossier.birthday, "", dossier.phone), *((one.birthday, one.name, one.phone) for one in dossier.contacts)]
    for born, name, phone in people:
        if born is None:
            continue
        on = next_birthday(born, span.today)
        if on <= span.birthdays:
            reason = _("born on {day}").format(day=born)
            yield _reminder(dossier, "birthday", on, span, name, reason, phone=phone)


def next_birthday(born: date, today: date) -> date:
    """The first birthday that is not over yet; 28 February in common years for one born on the 29th."""
    this_year = _birthday_in(today.year, born)
    return this_year if this_year >= today else _birthday_in(today.year + 1, born)


def _birthday_in(year: int, born: date) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _reminder(
    dossier: Dossier,
    what: What,
    on: date,
    span: Span,
    detail: str,
    reason: str,
    by: str | None = None,
    phone: str | None = None,
) -> Reminder:
    return Reminder(
        what=what,
        on=on,
        overdue=max((span.today - on).days, 0),
        number=dossier.id,
        name=dossier.name or dossier.company or dossier.id,
        phone=phone or dossier.phone or "",
        owner=dossier.owner or by or "",
        detail=" ".join(detail.split()),
        reason=reason,
    )
