"""Why values stayed sealed, to be said beside what was shown. Reads only."""

import os
from collections.abc import Iterable

from crmcli.errors import Finding
from crmcli.model.identity import certificate_path, number_at
from crmcli.sealing.refusals import no_salt
from crmcli.text import _, n_
from crmcli.usecases.workplace import Workplace

FEW = 5


def unread(work: Workplace) -> tuple[Finding, ...]:
    """Why values stayed sealed that would show to somebody of the team, or with keys that this machine lacks; and whose
    never will."""
    gone = destroyed_elsewhere(work, sorted(work.sealer.destroyed)) if work.keyring else ()
    return (*gone, *_missing(work))


def _missing(work: Workplace) -> tuple[Finding, ...]:
    missing = work.sealer.missing if work.keyring else set()
    if work.keyring and work.keyring.me is None and missing - {"destroyed"}:
        said = _("You are not in this vault's team.")
        hint: str | None = _("`crm join` shows the line that an admin needs.")
    elif "salt" in missing:
        said = _("Some customers' keys are not on this machine; of these customers only open fields are shown.")
        hint = no_salt().hint
    else:
        return ()
    return (Finding(said, hint=hint, severity="warning"),)


def destroyed_elsewhere(work: Workplace, paths: Iterable[str]) -> tuple[Finding, ...]:
    """Which of these files of customers whose keys were destroyed still stand here, without a certificate."""
    numbers = [number for path in paths if (number := number_at(path)) and _awaits(work, path, number)]
    said = n_(
        "{numbers} was destroyed; the certificate is not here yet.",
        "{count} customers were destroyed, whose certificates are not here yet: {numbers}.",
        len(numbers),
    )
    listed = ", ".join(numbers[:FEW]) + (" …" if len(numbers) > FEW else "")
    told = said.format(numbers=listed, count=len(numbers))
    return (Finding(told, hint=_("`crm sync` brings the certificate."), severity="warning"),) if numbers else ()


def _awaits(work: Workplace, path: str, number: str) -> bool:
    return os.path.lexists(work.root / path) and not os.path.lexists(work.root / certificate_path(number))
