"""In which format `crm export` hands out, and what it says of it."""

from pathlib import Path

from crmcli.cli.output import emit, emit_text, note
from crmcli.cli.session import session
from crmcli.errors import Invalid, Where
from crmcli.reports.documents import FORMS, Form
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.export import Exported, Wanted


def form(target: Path | None) -> Form:
    """The format asked for; else the one the file's name ends in, else CSV."""
    asked = session().format or (target.suffix[1:].lower().replace("yml", "yaml") if target else "csv")
    found = next((one for one in FORMS if one == asked), None if session().format else "csv")
    if found is None:
        said = _("Customers are not exported as {format}.").format(format=asked)
        raise Invalid(said, kind="usage", where=Where(field="--format"), hint=", ".join(FORMS))
    return found


def tell(done: Exported, wanted: Wanted) -> None:
    """Print what was handed out, or say where it lies; in a dry run how much it would be."""
    if done.text is not None:
        emit_text(done.text, done.findings)
    else:
        said = n_("{count} customer.", "{count} customers.", done.count) if session().dry_run else _written(done)
        said = said.format(count=done.count, path=wanted.output)
        data = {"count": done.count, "format": wanted.form, "commit": done.commit, "dry_run": session().dry_run}
        emit(Notice(said, {**data, "path": str(wanted.output) if wanted.output else None}), done.findings)
    if done.count == 0 and not session().dry_run:
        note(_("Nothing found."))
    if done.shortened:
        note(_("CSV holds the first contact person of each customer; --format json holds all."))


def _written(done: Exported) -> str:
    return n_("{count} customer in {path}.", "{count} customers in {path}.", done.count)
