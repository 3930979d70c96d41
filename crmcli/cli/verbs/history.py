"""`crm history [REF] [-p]`: who changed what, when and why."""

from typing import Annotated

import typer

from crmcli.cli.listing import MOST
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit
from crmcli.reports.values import Column, Table
from crmcli.text import _
from crmcli.usecases.history import Event, history
from crmcli.usecases.workplace import Workplace

REF = Annotated[str | None, typer.Argument(metavar="REF", help=_("One customer; the whole vault if left out."))]
PATCH = Annotated[bool, typer.Option("--patch", "-p", help=_("Show what each commit changed, field by field."))]
LIMIT = Annotated[
    int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=_("At most this many commits; 0 for all."))
]


def command(ref: REF = None, patch: PATCH = False, limit: LIMIT = 0) -> None:
    """Show who changed what, and when."""
    work = workplace()
    events = history(work, ref, patch=patch, limit=limit)
    heads = {"commit": _("Commit"), "at": _("At"), "by": _("By")}
    more = _patch_heads() if patch else {"change": _("Change"), "reason": _("Reason")}
    rows = [row for event in events for row in (_patched(work, event) if patch else [_plain(work, event)])]
    emit(Table(tuple(Column(name, text) for name, text in {**heads, **more}.items()), tuple(rows), "commit"))


def _patch_heads() -> dict[str, str]:
    return {"number": _("Number"), "field": _("Field"), "old": _("Before"), "new": _("After")}


def _plain(work: Workplace, event: Event) -> dict[str, str]:
    commit = event.commit
    why = (commit.trailer("Crm-Reason"), commit.trailer("Crm-Note"))
    return {
        "commit": commit.hash[:12],
        "at": commit.at.astimezone(work.house.zone).strftime("%Y-%m-%d %H:%M"),
        "by": commit.author,
        "change": commit.subject,
        "reason": ": ".join(part for part in why if part),
    }


def _patched(work: Workplace, event: Event) -> list[dict[str, str]]:
    told = _plain(work, event)
    return [
        {**told, "number": number, "field": change.field, "old": change.old or "", "new": change.new or ""}
        for number, change in event.changes
        if not change.field.endswith(".id")
    ]
