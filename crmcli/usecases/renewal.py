"""Every customer's file brought to today's levels and newest keys: for sealing a vault, and when somebody loses a level."""

from collections.abc import Container, Iterator

from crmcli.errors import CrmError, Finding, Where, invalid
from crmcli.model.derive import catalog
from crmcli.sealing.leaves import ANY, Levels
from crmcli.sealing.vault_sealer import VaultSealer
from crmcli.store.records import read, record_files
from crmcli.store.transaction import Change
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.clear_text import spoken
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.records import findings_of
from crmcli.usecases.workplace import Workplace

CLEAR_TEXT = "clear-text"


def renewed(
    work: Workplace,
    keyring: Keyring,
    wrong: list[Finding],
    clear: Container[str] = (),
    left_clear: set[str] | None = None,
) -> Iterator[Change]:
    """The files that change under the keys of `keyring`. One that can't be renewed in full is left as it is and named in
    `wrong`; so is one with values in clear, which anybody may have put there, unless `clear` has its path: that is added
    to `left_clear`."""
    for path in record_files(work.root):
        try:
            data, content = _renewed(work, keyring, path, clear=path in clear)
        except CrmError as error:
            wrong += findings_of(error)
            if left_clear is not None and error.kind == CLEAR_TEXT:
                left_clear.add(path)
            continue
        if content != data:
            yield Change(path, content)


def _renewed(work: Workplace, keyring: Keyring, path: str, *, clear: bool) -> tuple[bytes, bytes]:
    data, source = read(work.root, path)
    if comments := spoken(path, data):
        raise invalid(comments)
    opened = VaultSealer(keyring, ANY).open(source.tree, path, source.lines)
    # By the model's own levels: what stands in clear because its level was raised since is nobody's doing.
    told = () if clear else VaultSealer(keyring, _own_levels(work)).open(source.tree, path, source.lines).clear
    if opened.damaged or told:
        kind = None if opened.damaged else CLEAR_TEXT
        raise CrmError((*opened.damaged, *told)[0].message, findings=(*opened.damaged, *told), kind=kind)
    if "destroyed" in opened.missing:  # an older state, before the certificate came
        return data, data
    if opened.missing:
        raise CrmError(
            _("Some values can't be opened here, so they stay sealed with the old keys."),
            where=Where(path),
            hint=_("`crm seal` renews them once this machine has the customer's key."),
        )
    return data, render(VaultSealer(keyring, work.levels).seal(opened.tree, source.tree, renew=True))


def _own_levels(work: Workplace) -> Levels:
    return Levels({field.key: field.level for field in catalog(work.house.custom)})
