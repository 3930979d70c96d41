"""Reveals: masked values shown in full for a reason, and the event in the history that says so (R32, R34).

The event stands before anything is shown. It says whose values, which fields and why; never a value. Changes no file.
"""

from collections.abc import Sequence

from crmcli.store.transaction import writing
from crmcli.usecases.change import Why, message
from crmcli.usecases.view import View
from crmcli.usecases.workplace import Workplace

REASONS = "reveal_reason"  # the list in schemas/codes.yaml
NAMED = 50  # so many customers are named, more are counted


def view_of(work: Workplace, reveal: Why | None) -> View:
    """A view that masks, or one that reveals where a reason is given."""
    return View(work, reveal=reveal is not None)


def entered(work: Workplace, view: View, reveal: Why | None) -> str | None:
    """Enter what a view has let through; the event's commit, None where that is nothing."""
    return enter(work, view.numbers, view.fields, reveal) if reveal else None


def enter(work: Workplace, numbers: Sequence[str], fields: Sequence[str], why: Why) -> str | None:
    """Enter that these fields of these customers are shown in full; the event's commit, None for none."""
    if not (numbers and fields):
        return None
    few = len(numbers) <= NAMED
    whose = numbers[0] if len(numbers) == 1 else f"{len(numbers)} customers"
    more = {"fields": ", ".join(fields)} | ({} if few else {"count": str(len(numbers))})
    said = message("reveal", f"reveal {whose}: {', '.join(fields)}", numbers if few else (), why, **more)
    with writing(work.vault, "reveal") as desk:
        return desk.event(said, work.stamp)
