"""Says what a write did: one sentence for people, data for machines, numbers for `--format ids`."""

from crmcli.cli.output import emit
from crmcli.reports.values import Notice
from crmcli.text import _
from crmcli.usecases.change import Outcome
from crmcli.usecases.view import datum, words

SHOWN = 40


def tell(outcome: Outcome, done: str) -> None:
    """Emit an outcome; `done` is the sentence for a change that was made, with `{numbers}` in it."""
    data = {"numbers": list(outcome.numbers), "commit": outcome.commit, "dry_run": outcome.dry_run, **outcome.data}
    if outcome.dry_run:
        data["changes"] = [
            {"number": number, "field": change.field, "old": datum(change.old), "new": datum(change.new)}
            for number, change in outcome.preview
        ]
    ids = (outcome.data["entry"],) if "entry" in outcome.data else outcome.numbers
    emit(Notice(_said(outcome, done), data, ids), outcome.findings)


def _said(outcome: Outcome, done: str) -> str:
    if outcome.dry_run:
        return "\n".join((_("Dry run, nothing is written:"), *_preview(outcome)))
    if outcome.commit is None:
        return _("Nothing changed.")
    numbers = ", ".join(outcome.numbers[:5]) + (" …" if len(outcome.numbers) > 5 else "")
    return done.format(numbers=numbers)


def _preview(outcome: Outcome) -> list[str]:
    lines = [
        f"  {number} {change.field}: {_quoted(change.old)} → {_quoted(change.new)}"
        for number, change in outcome.preview
        if not change.field.endswith(".id")
    ]
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], *([_("  … and {count} more").format(count=rest)] if rest > 0 else [])] or [_("  no change")]


def _quoted(value: str | None) -> str:
    return words(value) or "—"
