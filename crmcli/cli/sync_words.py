"""What a sync did, in words and as data."""

from collections.abc import Iterator
from typing import Any

from crmcli.errors import Finding, Where, dotted
from crmcli.text import _, n_
from crmcli.usecases.sync import Synced
from crmcli.usecases.sync_preview import Preview

NAMED = 5  # customers that a line names


def said(done: Synced) -> Iterator[str]:
    """One line for each thing that happened."""
    place = f"{done.remote}/{done.branch}"
    if done.taken:
        yield n_("Took in {count} commit from {place}.", "Took in {count} commits from {place}.", done.taken).format(
            count=done.taken, place=place
        )
    if done.united:
        yield _("Changed here and there, and united: {names}.").format(names=_listed(done.united))
    for old, new in done.renumbered:
        yield _("{old} was given out twice; the customer added here is {new} now.").format(old=old, new=new)
    if done.salts:
        yield n_("Took in the keys of {count} customer.", "Took in the keys of {count} customers.", done.salts).format(
            count=done.salts
        )
    if done.destroyed:
        yield _("Destroyed here, as certified: {names}.").format(names=_listed(done.destroyed))
    if done.given:
        yield n_("Published {count} commit to {place}.", "Published {count} commits to {place}.", done.given).format(
            count=done.given, place=place
        )
    if done.contests and done.renumbered:
        yield _("That is committed here. Nothing else was merged, and nothing published: a person has to decide first.")
    elif done.contests:
        yield _("Nothing was merged or published yet: a person has to decide first.")
    elif not (done.taken or done.given or done.salts):
        yield _("All as at {place}.").format(place=place)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def contested(done: Synced) -> Iterator[Finding]:
    """Each field that a person has to decide on."""
    hint = _("`crm resolve` shows both sides and takes the decision; then `crm sync` goes on.")
    for contest in done.contests:
        if contest.why:
            yield Finding(contest.why, Where(contest.path), hint=hint)
        for clash in contest.clashes:
            where = Where(contest.path, field=dotted(clash.place))
            yield Finding(_("It was changed here and there to different values."), where, hint=hint)


def data_of(done: Synced) -> dict[str, Any]:
    """The same for machines."""
    return {
        "remote": done.remote,
        "branch": done.branch,
        "taken": done.taken,
        "given": done.given,
        "united": list(done.united),
        "renumbered": [{"old": old, "new": new} for old, new in done.renumbered],
        "keys": done.salts,
        "destroyed": list(done.destroyed),
        "undecided": [
            {"path": one.path, "fields": [dotted(clash.place) for clash in one.clashes], "why": one.why}
            for one in done.contests
        ],
    }


def would(seen: Preview) -> Iterator[str]:
    """What a sync would do."""
    place = f"{seen.remote}/{seen.branch}"
    if seen.taken:
        words = n_(
            "Would take in {count} commit from {place}.", "Would take in {count} commits from {place}.", seen.taken
        )
        yield words.format(count=seen.taken, place=place)
    if seen.given:
        words = n_("Would publish {count} commit to {place}.", "Would publish {count} commits to {place}.", seen.given)
        yield words.format(count=seen.given, place=place)
    if not (seen.taken or seen.given):
        yield _("All as at {place}.").format(place=place)


def preview_data(seen: Preview) -> dict[str, Any]:
    """The same for machines."""
    counts = {"taken": seen.taken, "given": seen.given}
    return {"remote": seen.remote, "branch": seen.branch, **counts, "dry_run": True}
