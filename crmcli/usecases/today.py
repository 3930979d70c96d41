"""What to do today: next steps, visits and birthdays that are due, under the house's rule (R70). Changes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from crmcli.errors import Finding, Where, dotted, invalid
from crmcli.model.findings import line_of
from crmcli.model.nearest import nearest
from crmcli.model.reminders import PATH, Reminders
from crmcli.model.sealed import Sealed
from crmcli.model.team import email_of, folded
from crmcli.rules.completeness import values
from crmcli.rules.reminders import Reminder, due
from crmcli.text import _
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.purge_papers import team_of
from crmcli.usecases.records import Record, each
from crmcli.usecases.view import View
from crmcli.usecases.workplace import Workplace

ME = "me"
TIERS = "tier"
BIRTHDAYS = (("birthday",), ("contacts", "birthday"))


@dataclass(frozen=True)
class Today:
    """What is due, the longest overdue first, the files that could not be read, and how many birthdays could not."""

    reminders: tuple[Reminder, ...]
    findings: tuple[Finding, ...]
    sealed: int = 0


def today(work: Workplace, *, owner: str | None = None, days: int | None = 0) -> Today:
    """What is due by `days` days from today (None: however far ahead), of one owner or of everybody.

    owner  as the files spell it, in any case; "me" is whoever works: the person whom schemas/access.yaml lists under
           the e-mail address of the git identity, else the name of that identity

    Invalid with file and line where the rule doesn't hold.
    """
    rule = reminders_of(work)
    whose = None if owner is None else {name.casefold() for name in _named(work, owner)}
    wrong: list[Finding] = []
    view, unread = View(work), list[str]()
    records = _noted(each(work, wrong), unread)
    found = due((record.readable for record in records), rule, work.today, days, work.house.zone)
    kept = (one for one in found if whose is None or one.owner.casefold() in whose)
    shown = tuple(replace(one, phone=view.value(one.number, "phone", one.phone)) for one in kept)
    return Today(shown, tuple(wrong), len(unread))


def _noted(records: Iterable[Record], unread: list[str]) -> Iterator[Record]:
    """The records; the birthdays in them that can't be read are added to `unread`."""
    for record in records:
        if record.readable is not record.dossier:
            born = (value for key in BIRTHDAYS for value in values(record.tree, key))
            unread += [value for value in born if isinstance(value, Sealed)]
        yield record


def reminders_of(work: Workplace) -> Reminders:
    """The house's rule; Invalid with file and line where it doesn't hold or names a tier that the house doesn't know."""
    rule, lines = read_rules(work.vault, PATH, Reminders)
    known = work.house.lists[TIERS]
    places = [(name, ("cadence", name)) for name in rule.cadence if name not in known]
    wrong = [
        Finding(
            _("{value} is not a tier of the house.").format(value=name),
            Where(PATH, line_of(place, lines), dotted(place)),
            ", ".join(known),
            nearest(name, known),
        )
        for name, place in places
    ]
    if wrong:
        raise invalid(wrong)
    return rule


def _named(work: Workplace, owner: str) -> set[str]:
    """The names that an owner goes by in the files."""
    if owner.casefold() != ME:
        return {owner.strip()}
    identity = work.vault.git().ident()
    mine = {name for name, one in team_of(work).people.items() if folded(one.email) == folded(email_of(identity))}
    return mine or {identity.rsplit(" <", 1)[0]}
