"""`crm resolve [REF [FIELD…]]`: what two sides changed to different values, and whose value it is to be."""

import sys
from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from crmcli.cli.changes import namer
from crmcli.cli.generated import pairs
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, end_with, note
from crmcli.cli.session import session
from crmcli.errors import Conflict, Invalid, Where
from crmcli.reports.safe_text import visible
from crmcli.reports.values import Column, Notice, Table
from crmcli.text import _, n_
from crmcli.usecases.clashes import SYNC, Resolved, Shown, clashing, put, take
from crmcli.usecases.workplace import Workplace

REF = Annotated[
    str | None,
    typer.Argument(metavar="REF", help=_("The customer, or the path of a file; all are listed if left out.")),
]
FIELDS = Annotated[
    list[str] | None, typer.Argument(metavar="FIELD", help=_("Only these fields; all that clash if left out."))
]
TAKE = Annotated[str | None, typer.Option("--take", metavar="ours|theirs", help=_("Take the value of this side."))]
SET = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help=_("Give another value than either side's."))
]
SIDES: dict[str, Literal["ours", "theirs"]] = {"ours": "ours", "theirs": "theirs"}


def command(ref: REF = None, fields: FIELDS = None, side: TAKE = None, set_: SET = None) -> None:
    """Show what clashes, and decide it."""
    work = workplace()
    _refuse_odd(ref, fields, side, set_)
    if ref is None or not (side or set_):
        found = clashing(work)
        if found.left and session().interactive and not session().dry_run and session().format is None:
            found = _asked(work, found)
        _list(work, found)
        return
    if session().dry_run:
        _list(work, clashing(work))
        return
    done = take(work, ref, SIDES[side], fields or ()) if side else put(work, ref, pairs(set_ or ()))
    emit(Notice("\n".join(_said(done)), _data(done)))


def _refuse_odd(ref: str | None, fields: list[str] | None, side: str | None, set_: list[str] | None) -> None:
    if side is not None and side not in SIDES:
        said = _("--take takes ours or theirs.")
    elif side and set_:
        said = _("--take and --set do not go together.")
    elif (side or set_) and ref is None:
        said = _("No customer is named.")
    elif fields and not side:
        said = _("Fields need --take.")
    else:
        return
    raise Invalid(said, kind="usage", where=Where(field="--take"))


def _list(work: Workplace, found: Resolved) -> None:
    """What is left to decide; ends with the code of a conflict where there is anything."""
    heads = {
        "number": _("Number"),
        "field": _("Field"),
        "base": _("Before"),
        "ours": _("Ours"),
        "theirs": _("Theirs"),
        "why": _("Reason"),
    }
    name = namer(work)
    rows = tuple(_row(one, name(one.field) if one.field else "") for one in found.left)
    used = {key for row in rows for key, value in row.items() if value} | {"number", "field", "ours", "theirs"}
    columns = tuple(Column(key, head) for key, head in heads.items() if key in used)
    emit(Table(columns, rows, "number", none=_("Nothing clashes.")))
    if found.left:
        note(_("`crm resolve REF --take ours|theirs [FIELD…]` or `--set FIELD=VALUE` decides."))
        end_with(Conflict.exit)
    elif found.what:
        note("\n".join(_said(found)))


def _row(one: Shown, field: str) -> dict[str, str]:
    values = {"base": one.base, "ours": one.ours, "theirs": one.theirs, "why": one.why}
    return {"number": one.number, "field": field, **{key: value or "" for key, value in values.items()}}


def _said(done: Resolved) -> Iterator[str]:
    if done.raised:
        yield _("The other side's change of the team is not in it: make it again.")
    if done.left:
        count = len(done.left)
        yield n_("Decided; {count} clash is left.", "Decided; {count} clashes are left.", count).format(count=count)
    elif done.commit:
        yield _("Nothing clashes any more; the merge is finished: {commit}.").format(commit=done.commit[:12])
    elif done.what == SYNC:
        yield _("Nothing clashes any more; `crm sync` goes on.")
    else:
        yield _("Nothing clashes any more; `git {what} --continue` goes on.").format(what=done.what)


def _data(done: Resolved) -> dict[str, object]:
    left = [{"number": one.number, "path": one.path, "field": one.field} for one in done.left]
    return {"in": done.what, "undecided": left, "commit": done.commit}


def _asked(work: Workplace, found: Resolved) -> Resolved:
    """A question for each clash; an empty answer leaves it."""
    name = namer(work)
    for one in found.left:
        title = f"{one.number} {name(one.field) if one.field else one.why}"
        note(visible(title))
        if one.field:
            note(visible(f"  {_('Before')}: {one.base or '–'}"))
            note(visible(f"  {_('Ours')}: {one.ours or '–'}"))
            note(visible(f"  {_('Theirs')}: {one.theirs or '–'}"))
        side = _answer()
        if side:
            found = take(work, one.path if "/" in one.number else one.number, side, [one.field] if one.field else ())
    return found


def _answer() -> Literal["ours", "theirs"] | None:
    while True:
        sys.stderr.write(_("Take (o)urs or (t)heirs, or leave it (Enter)? "))
        sys.stderr.flush()
        word = sys.stdin.readline().strip().lower()
        if not word:
            return None
        for side in SIDES.values():
            if side.startswith(word):
                return side
