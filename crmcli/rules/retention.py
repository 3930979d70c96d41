"""When a customer's file may be destroyed (R49). Pure: dossier, policy and day in, a decision with its reasons out.

Only archived customers are ever due. The term starts on the day of the last move to ended or churned that no
reactivation followed; its last day and the statutory day are both kept, so the first day a file may go is the day after
the later of the two. A legal hold stops everything. Days are calendar days of the vault; `today` is one, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from crmcli.model.dossier import Dossier
from crmcli.model.entries import Hold, StatusMove
from crmcli.model.retention import REQUEST, Retention
from crmcli.text import _

Say = Callable[[str, str], str]  # the name of a list and a code of it → the word for it in a sentence
Keeper = Literal["status", "no-end", "no-rule", "hold", "statute", "term"]
ENDS = ("ended", "churned")


def as_it_stands(code_list: str, code: str) -> str:
    """The code itself."""
    return code


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a file may be destroyed today.

    on       the first day it may be, as far as terms decide; None where no term runs
    rule     the rule of the policy that applies, with its clause
    reasons  why, in words, in the order they were weighed
    kept_by  what keeps it; None when it is due
    """

    number: str
    due: bool
    on: date | None
    rule: str | None
    clause: str | None
    reasons: tuple[str, ...]
    kept_by: Keeper | None


def due(dossier: Dossier, policy: Retention, today: date, say: Say = as_it_stands) -> Decision:
    """The decision about one customer; the reasons name codes as `say` has them."""
    if dossier.status != "archived":
        return _kept(dossier, "status", _("not archived: {status}").format(status=say("status", dossier.status)))
    end = last_end(dossier)
    if end is None:
        return _kept(dossier, "no-end", _("archived without a move to ended or churned: no term runs"))
    found = policy.after(end.status)
    status = say("status", end.status)
    said = _("{status} on {day}").format(status=status, day=end.date.isoformat())
    if found is None:
        return _kept(dossier, "no-rule", said, _("the policy has no rule for {status}").format(status=status))
    name, rule = found
    term_day = rule.term.last_day(end.date)
    last = max(term_day, dossier.retain_until or term_day)
    reasons = [said, _("{rule}: {term}, to {day}").format(rule=name, term=rule.term, day=term_day.isoformat())]
    if last > term_day:
        reasons.append(_("kept by law until {day}").format(day=last.isoformat()))
    holds = _held(holds_on(dossier, today), say)
    reasons += holds
    keeper: Keeper | None = "hold" if holds else None if today > last else "statute" if last > term_day else "term"
    return Decision(dossier.id, keeper is None, last + timedelta(days=1), name, rule.clause, tuple(reasons), keeper)


def on_request(dossier: Dossier, clause: str, today: date, say: Say = as_it_stands) -> Decision:
    """The decision when the customer asks for it: no term of the policy counts, whatever the status. Otherwise as `due`.

    A hold stands in the way, and so does a statutory day still to come (Personal Information Protection Law of the PRC,
    article 47, paragraph 2).
    """
    reasons = [_("requested on {day}").format(day=today.isoformat())]
    kept: date | None = dossier.retain_until if dossier.retain_until and dossier.retain_until >= today else None
    if kept:
        reasons.append(_("kept by law until {day}").format(day=kept.isoformat()))
    holds = _held(holds_on(dossier, today), say)
    keeper: Keeper | None = "hold" if holds else "statute" if kept else None
    first = kept + timedelta(days=1) if kept else today
    return Decision(dossier.id, keeper is None, first, REQUEST, clause, (*reasons, *holds), keeper)


def last_end(dossier: Dossier) -> StatusMove | None:
    """The last move to ended or churned, unless the customer came back after it. Moves of one day keep their order."""
    end = None
    for move in sorted(dossier.status_history, key=lambda move: move.date):
        if move.status != "archived":
            end = move if move.status in ENDS else None
    return end


def holds_on(dossier: Dossier, today: date) -> tuple[Hold, ...]:
    """The legal holds that stand: not released, or released on a day still to come."""
    return tuple(hold for hold in dossier.holds if hold.released is None or hold.released > today)


def _held(holds: tuple[Hold, ...], say: Say) -> list[str]:
    said = _("held since {day}: {reason}")
    return [said.format(day=one.date.isoformat(), reason=say("hold_reason", one.reason)) for one in holds]


def _kept(dossier: Dossier, keeper: Keeper, *reasons: str) -> Decision:
    return Decision(dossier.id, False, None, None, None, reasons, keeper)
