"""`crm seal`: an open vault becomes a sealed one; a sealed one is brought to today's levels."""

from collections.abc import Sequence
from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit, note
from crmcli.cli.session import session
from crmcli.errors import Refused
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.seal import SealedNow, seal
from crmcli.usecases.workplace import Workplace

REFS = Annotated[
    list[str] | None,
    typer.Argument(metavar="REF", help=_("Customers whose committed clear text you have looked at and accept.")),
]

_NAMED = 5


def command(refs: REFS = None) -> None:
    """Seal personal values that are still in clear."""
    here, work = session(), workplace()
    if not (work.sealed or here.dry_run or _agreed(work)):
        emit(Notice(_("Nothing is changed.")))
        return
    done = seal(work, here.homes, refs or (), dry_run=here.dry_run)
    data = {"commit": done.commit, "count": done.count, "first": done.first, "clear": list(done.clear)}
    data["dry_run"] = here.dry_run
    emit(Notice("\n".join(_said(work, done, dry_run=here.dry_run)), data), done.findings)


def _agreed(work: Workplace) -> bool:
    here = session()
    if not (here.yes or here.interactive):
        # Aside: a failure's message is short by the house's rule, and would be cut.
        for line in history_words(work):
            note(line)
        raise Refused(_("Sealing the vault must be confirmed."), hint=_("Add --yes."))
    return confirm("\n".join([*history_words(work), _("Seal this vault?")]))


def history_words(work: Workplace) -> list[str]:
    """What sealing does not reach, and the way that does."""
    prefix = work.vault.prefix
    return [
        _("Sealing protects what is written from now on. The history keeps every old value in clear, for ever."),
        _("To remove them, do this instead, from the top of the repository, before anything is sealed:"),
        f"  cp -R {prefix}records ../records.clear",
        f"  git filter-repo --force --invert-paths --path {prefix}records/",
        f"  cp -R ../records.clear {prefix}records && crm seal --yes && rm -R ../records.clear",
        _(
            "The price: every commit gets another hash, who changed what until now is lost, every other clone must be "
            "made anew, and an old clone that somebody keeps still has everything."
        ),
    ]


def _said(work: Workplace, done: SealedNow, *, dry_run: bool) -> list[str]:
    left = _left_clear(done.clear)
    if not (done.count or done.first):
        return left or [_("Nothing to change.")]
    if dry_run:
        words = n_("Would seal {count} customer.", "Would seal {count} customers.", done.count)
    else:
        words = n_("Sealed {count} customer.", "Sealed {count} customers.", done.count)
    said = [words.format(count=done.count), *left]
    return [*said, *history_words(work)] if done.first and dry_run else said


def _left_clear(numbers: Sequence[str]) -> list[str]:
    """That committed clear text was not sealed, since nobody has vouched for it, and how to."""
    if not numbers:
        return []
    said = n_(
        "{count} customer holds committed clear text, which was left as it is: anybody may have put it there.",
        "{count} customers hold committed clear text, which was left as it is: anybody may have put it there.",
        len(numbers),
    )
    how = _("Look at it, then accept it with `crm seal {number}`.").format(number=" ".join(numbers[:_NAMED]))
    return [said.format(count=len(numbers)), how]
