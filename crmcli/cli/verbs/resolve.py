"""`crm resolve [REF [FIELD…]]`: what two sides changed to different values, and whose value it is to be."""

import sys
from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from crmcli.cli.changes import Value, namer, valuer
from crmcli.cli.generated import pairs
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, end_with, note
from crmcli.cli.prompts import checked, told
from crmcli.cli.session import session
from crmcli.errors import Conflict, Invalid, ValueProblem, Where
from crmcli.model.catalog import CatalogField
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
    values = pairs(set_ or ())
    work = workplace()
    _refuse_odd(ref, fields, side, set_)
    if ref is None or not (side or set_):
        found = clashing(work, ref)
        if found.left and session().interactive and not session().dry_run and session().format is None:
            found = _asked(work, found)
        _list(work, found)
        return
    if session().dry_run:
        _list(work, clashing(work))
        return
    done = take(work, ref, SIDES[side], fields or ()) if side else put(work, ref, values)
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
    raise Invalid(said, kind="usage", where=Where(field="REF" if ref is None and side in (None, *SIDES) else "--take"))


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
    name, value = namer(work), valuer(work)
    rows = tuple(_row(one, name(one.field) if one.field else "", value) for one in found.left)
    used = {key for row in rows for key, value in row.items() if value} | {"number", "field", "ours", "theirs"}
    columns = tuple(Column(key, head) for key, head in heads.items() if key in used)
    emit(Table(columns, rows, "number", none=_("Nothing clashes.")))
    if found.left:
        note(_("`crm resolve REF --take ours|theirs [FIELD…]` or `--set FIELD=VALUE` decides."))
        end_with(Conflict.exit)
    elif found.what:
        note("\n".join(_said(found)))


def _row(one: Shown, field: str, value: Value) -> dict[str, str]:
    three = {"base": one.base, "ours": one.ours, "theirs": one.theirs}
    told = {side: value(one.field or "", text) for side, text in three.items()}
    return {"number": one.number, "field": field, **told, "why": one.why or ""}


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
    """A question for each clash; an empty answer leaves it. Values of their own are kept until the end, since they are
    written nowhere but into the finished file."""
    name, value, own, waiting = namer(work), valuer(work), dict[str, dict[str, str]](), set[str]()
    for one in found.left:
        title = f"{one.number} {name(one.field) if one.field else one.why}"
        note(visible(title))
        if one.field:
            note(visible(f"  {_('Before')}: {value(one.field, one.base) or '–'}"))
            note(visible(f"  {_('Ours')}: {value(one.field, one.ours) or '–'}"))
            note(visible(f"  {_('Theirs')}: {value(one.field, one.theirs) or '–'}"))
        ref, field = one.path if "/" in one.number else one.number, work.fields.get(one.field or "")
        side, typed = _answer(work, None if field is None or field.noun or field.assigned else field)
        if side:
            found = take(work, ref, SIDES[side], [one.field] if one.field else ())
        elif typed:
            own.setdefault(ref, {})[one.field or ""] = typed
        else:
            waiting.add(ref)
    for ref, values in own.items():
        if ref in waiting:
            note(visible(_("What you typed for {ref} was not kept: decide all of its fields at once.").format(ref=ref)))
        else:
            found = put(work, ref, values)
    return found


def _answer(work: Workplace, field: CatalogField | None) -> tuple[str, str]:
    """The side to take, another value, or neither. `field`: what may be given another value, None where nothing may."""
    question = _("Take (o)urs or (t)heirs, or leave it (Enter)? ")
    help_ = _("Possible: o, t, or nothing.")
    if field is not None:
        question = _("Take (o)urs or (t)heirs, give another (=VALUE), or leave it (Enter)? ")
        help_ = _("Possible: o, t, = with a value, or nothing.")
    while True:
        sys.stderr.write(question)
        sys.stderr.flush()
        word = sys.stdin.readline().strip()
        side = next((side for side in SIDES if side.startswith(word.lower())), "")
        if side or not word:
            return (side if word else ""), ""
        if field is None or word[0] not in "=＝" or not word[1:].strip():
            note(help_)
            continue
        try:
            return "", checked(work, field, word[1:].strip())
        except ValueProblem as problem:
            note(visible(told(problem)))
