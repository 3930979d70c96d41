"""`crm NOUN add|list|show|update`: the entries of a customer, one group a noun, options made from the model."""

from typing import Annotated, Any

import typer

from crmcli.cli.generated import values, with_field_options
from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, REASON, why
from crmcli.model.catalog import CatalogField
from crmcli.model.derive import catalog
from crmcli.model.edits import find_entry
from crmcli.reports.dossier_card import card_of_entry, entry_table
from crmcli.text import _, language
from crmcli.usecases.entries import NOUNS, add_entry, entries_of, update_entry
from crmcli.usecases.show import show

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
    def list_(ref: REF) -> None:
        work = workplace()
        entries = entries_of(show(work, ref).record, noun)
        emit(entry_table(entries, fields, work.house.label, language()))

    return list_


def _shower(noun: str, fields: tuple[CatalogField, ...]) -> Any:
    def show_(ref: REF, entry: ENTRY) -> None:
        work = workplace()
        found = find_entry(show(work, ref).record.tree, NOUNS[noun].key, entry)
        emit(card_of_entry(found, fields, work.house.label, language()))

    return show_
