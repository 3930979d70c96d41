"""What to do today: next steps, visits and birthdays that are due, under the house's rule (R70). Changes nothing."""

from dataclasses import dataclass

from crmcli.errors import Finding, Where, dotted, invalid
from crmcli.model.findings import line_of
from crmcli.model.nearest import nearest
from crmcli.model.reminders import PATH, Reminders
from crmcli.model.team import email_of, folded
from crmcli.rules.reminders import Reminder, due
from crmcli.text import _
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.purge_papers import team_of
from crmcli.usecases.records import each
from crmcli.usecases.workplace import Workplace

ME = "me"
TIERS = "tier"


@dataclass(frozen=True)
class Today:
    """What is due, the longest overdue first, and the files that could not be read."""

    reminders: tuple[Reminder, ...]
    findings: tuple[Finding, ...]


def today(work: Workplace, *, owner: str | None = None, days: int | None = 0) -> Today:
    """What is due by `days` days from today (None: however far ahead), of one owner or of everybody.

    owner  as the files spell it, in any case; "me" is whoever works: the person whom schemas/access.yaml lists under
           the e-mail address of the git identity, else the name of that identity

    Invalid with file and line where the rule doesn't hold.
    """
    rule = reminders_of(work)
    whose = None if owner is None else {name.casefold() for name in _named(work, owner)}
    wrong: list[Finding] = []
    found = due((record.dossier for record in each(work, wrong)), rule, work.today, days, work.house.zone)
    kept = tuple(one for one in found if whose is None or one.owner.casefold() in whose)
    return Today(kept, tuple(wrong))


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
