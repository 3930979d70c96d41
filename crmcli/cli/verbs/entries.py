"""`crm NOUN add|list|show|update`: the entries of a customer, one group a noun, options made from the model."""

from typing import Annotated, Any

import typer

from crmcli.cli.generated import values, with_field_options
from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, REASON, REVEAL, REVEAL_REASON, revealing, why
from crmcli.model.catalog import CatalogField
from crmcli.model.derive import catalog
from crmcli.reports.dossier_card import card_of_entry, entry_table
from crmcli.text import _, language
from crmcli.usecases.entries import add_entry, entries_shown, update_entry
from crmcli.usecases.view import left_out, still_sealed

ENTRY = Annotated[str, typer.Argument(metavar="ENTRY", help=_("The entry's id, or a unique beginning of it."))]


def group(noun: str) -> typer.Typer:
    """The commands of one noun."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    fields = tuple(field for field in catalog() if field.noun == noun)
    given = tuple(field for field in fields if not field.assigned)
    app.command("add", help=_("Add an entry."))(_adder(noun, given))
    app.command("list", help=_("List the entries of a customer."))(_lister(noun, fields))
    app.command("show", help=_("Show one entry."))(_shower(noun, fields))
    app.command("update", help=_("Change an entry; an empty value clears the field."))(_updater(noun, given))
    return app


def _named(given: dict[str, Any], fields: tuple[CatalogField, ...]) -> dict[str, str]:
    return {name.split(".", 1)[1]: value for name, value in values(given, fields).items()}


def _adder(noun: str, fields: tuple[CatalogField, ...]) -> Any:
    @with_field_options(fields, short=True)
    def add(ref: REF, reason: REASON = None, note: NOTE = None, **given: Any) -> None:
        work = workplace()
        said = why(work, reason, note)
        outcome = add_entry(work, noun, ref, _named(given, fields), why=said, dry_run=session().dry_run)
        tell(outcome, _("Added {entry} to {numbers}.").replace("{entry}", outcome.data["entry"]))

    return add


def _updater(noun: str, fields: tuple[CatalogField, ...]) -> Any:
    @with_field_options(fields, short=True)
    def update(ref: REF, entry: ENTRY, reason: REASON = None, note: NOTE = None, **given: Any) -> None:
        work = workplace()
        said = why(work, reason, note)
        tell(
            update_entry(work, noun, ref, entry, _named(given, fields), why=said, dry_run=session().dry_run),
            _("Updated an entry of {numbers}."),
        )

    return update


def _lister(noun: str, fields: tuple[CatalogField, ...]) -> Any:
    def list_(ref: REF, reveal: REVEAL = False, reason: REVEAL_REASON = None) -> None:
        work, people = workplace(), session().format in PEOPLE
        shown = entries_shown(work, noun, ref, reveal=revealing(work, reveal, reason))
        told = entry_table(shown.people if people else shown.data, fields, work.house.label, language())
        names = [_field(path) for path in shown.sealed]
        sealed = still_sealed(names) if reveal else () if people else left_out(names)
        emit(told, (*shown.findings, *sealed))

    return list_


def _shower(noun: str, fields: tuple[CatalogField, ...]) -> Any:
    def show_(ref: REF, entry: ENTRY, reveal: REVEAL = False, reason: REVEAL_REASON = None) -> None:
        work = workplace()
        shown = entries_shown(work, noun, ref, entry, reveal=revealing(work, reveal, reason))
        sealed = {"sealed": list(map(_field, shown.sealed))} if shown.sealed else {}
        data = {**shown.data[0], **sealed}
        told = card_of_entry(shown.people[0], fields, work.house.label, language(), data)
        emit(told, (*shown.findings, *(still_sealed(map(_field, shown.sealed)) if reveal else ())))

    return show_


def _field(path: str) -> str:
    """The field of an entry: `interactions.I7K2M9QXA.summary` is `summary`."""
    return path.split(".", 2)[-1]
