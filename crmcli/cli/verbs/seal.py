"""`crm seal`: an open vault becomes a sealed one; a sealed one is brought to today's levels."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit
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


def command(refs: REFS = None) -> None:
    """Seal personal values that are still in clear."""
    here, work = session(), workplace()
    if not (work.sealed or here.dry_run or _agreed(work)):
        emit(Notice(_("Nothing is changed.")))
        return
    done = seal(work, here.homes, refs or (), dry_run=here.dry_run)
    data = {"commit": done.commit, "count": done.count, "first": done.first, "dry_run": here.dry_run}
    emit(Notice("\n".join(_said(work, done, dry_run=here.dry_run)), data), done.findings)


def _agreed(work: Workplace) -> bool:
    here = session()
    if not (here.yes or here.interactive):
        raise Refused("\n".join(history_words(work)), hint=_("Add --yes."))
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
    if not (done.count or done.first):
        return [_("Nothing to change.")]
    if dry_run:
        words = n_("Would seal {count} customer.", "Would seal {count} customers.", done.count)
    else:
        words = n_("Sealed {count} customer.", "Sealed {count} customers.", done.count)
    said = [words.format(count=done.count)]
    return [*said, *history_words(work)] if done.first and dry_run else said
