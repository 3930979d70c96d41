"""What people call a file that clashes, and the fields in it: by number, by name or phone on either side, by label."""

from collections.abc import Iterator, Sequence

from crmcli.errors import Conflict, Invalid, Where
from crmcli.index.layout import NAMED_BY
from crmcli.index.numbers import phone_forms
from crmcli.model.identity import number_at, record_path
from crmcli.model.names import meant, spoken
from crmcli.model.spelling import fold, quoted
from crmcli.reports.field_labels import FieldLabels
from crmcli.rules.completeness import values
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.merging import Unmerged
from crmcli.text import _
from crmcli.usecases.records import opened_tree
from crmcli.usecases.resolve import named, number_in
from crmcli.usecases.workplace import Workplace


def path_of(work: Workplace, git: Git, waiting: Sequence[Unmerged], ref: str) -> str:
    """The path in the vault of what `ref` names: a path, a number, or what a customer in these files is called."""
    if "/" in ref:
        return ref
    if number_in(ref) is None:
        found = [one for one in waiting if fold(ref).strip() in _called(work, git, one, ref)]
        if len(found) > 1:
            said = _("{count} customers match {ref}.").format(count=len(found), ref=quoted(ref))
            paths = [one.path.removeprefix(work.vault.prefix) for one in found]
            numbers = [{"number": number_at(path) or path} for path in paths]
            hint = _("Give the number of the one you mean.")
            raise Conflict(said, kind="ambiguous", hint=hint, candidates=numbers)
        if found:
            return found[0].path.removeprefix(work.vault.prefix)
    return record_path(named(work, ref))


def _called(work: Workplace, git: Git, one: Unmerged, ref: str) -> set[str]:
    """Everything the customer is called in any version of the file; `ref` itself where a phone is another spelling."""
    path = one.path.removeprefix(work.vault.prefix)
    if number_at(path) is None:
        return set()
    sides = [side for side in (one.ours, one.theirs) if side]
    trees = [opened_tree(work, data, path) for data in contents(git, sides)]
    names = [name for name in NAMED_BY if name in work.fields]
    found = {fold(text).strip() for name in names for tree in trees for text in values(tree, work.fields[name].key)}
    phone = {text.lstrip("+") for text in found}.intersection(phone_forms(fold(ref)))
    return found | {fold(ref).strip()} if phone else found


def place_of(work: Workplace, path: str, name: str, places: Sequence[str]) -> str:
    """The one of these places in a file that a person calls `name`; Invalid naming them for any other."""
    label = FieldLabels(work.fields.values()).of
    found = {spoken(place): place for place in places} | {spoken(label(place)): place for place in places}
    place = found.get(spoken(name)) or found.get(spoken(meant(name, work.fields)))
    if place is None:
        said = _("{field} does not clash.").format(field=name)
        these = _("These do: {fields}.").format(fields=_(", ").join(_both(work, places))) if places else None
        raise Invalid(said, where=Where(path, field=name), hint=these)
    return place


def _both(work: Workplace, places: Sequence[str]) -> Iterator[str]:
    """Each place with its label, as it may be typed."""
    label = FieldLabels(work.fields.values()).of
    return (place if label(place) == place else f"{place} ({label(place)})" for place in places)
