"""Says what a write did: one sentence for people, data for machines, numbers for `--format ids`."""

from crmcli.cli.output import emit
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.change import Outcome


def tell(outcome: Outcome, done: str) -> None:
    """Emit an outcome; `done` is the sentence for a change that was made, with `{numbers}` in it."""
    numbers = ", ".join(outcome.numbers[:5]) + (" …" if len(outcome.numbers) > 5 else "")
    if outcome.dry_run:
        said = n_(
            "Dry run: {count} customer would be written.",
            "Dry run: {count} customers would be written.",
            len(outcome.numbers),
        )
    elif outcome.commit is None:
        said = _("Nothing changed.")
    else:
        said = done
    data = {"numbers": list(outcome.numbers), "commit": outcome.commit, "dry_run": outcome.dry_run, **outcome.data}
    findings = [finding for finding in outcome.findings if outcome.commit or finding.message != said]
    emit(Notice(said.format(numbers=numbers, count=len(outcome.numbers)), data, outcome.numbers), findings)
