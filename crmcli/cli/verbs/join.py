"""`crm join`: take part in a vault that was cloned."""

from collections.abc import Iterator
from dataclasses import asdict

from crmcli.cli.opening import workplace
from crmcli.cli.output import emit
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.membership import Membership, membership


def command() -> None:
    """Take part in a vault that you cloned: what an admin needs to let you in, and what is missing here."""
    # Opening the vault makes the identity, pins the root, puts hook, merge driver and signing in place, and says so.
    found = membership(workplace())
    data = {**asdict(found), "listed": found.name is not None}
    emit(Notice("\n".join(_member(found) if found.name else _stranger(found)), data, (found.public,)))


def _stranger(found: Membership) -> Iterator[str]:
    yield _("This device, {device}, is not in the vault's team yet. An admin lets it in, and publishes that:").format(
        device=found.device
    )
    who = found.known or f"NAME --email {found.email or 'MAIL'} --role ROLE"
    yield f"  crm team add {who} --key {found.public}"
    yield "  crm sync"
    yield _(
        "Afterwards `crm sync` here, and once more after the next `crm sync` of a teammate: it brings customers' keys."
    )
    yield _("Compare the vault's root with a teammate's (`crm keys` shows it): {root}").format(root=found.root[:12])


def _member(found: Membership) -> Iterator[str]:
    if found.removed:
        yield _(
            "{name} is no longer in the team with this device, {device}: it was taken out where clones meet."
        ).format(name=found.name, device=found.device)
        yield _("What is here stays as it is; ask an admin.")
        return
    yield _("You are in the team as {name}, with this device, {device}.").format(name=found.name, device=found.device)
    if found.lacking:
        said = n_(
            "The key of {count} customer is not here yet: `crm sync`, once a teammate has run it, too.",
            "The keys of {count} customers are not here yet: `crm sync`, once a teammate has run it, too.",
            found.lacking,
        )
        yield said.format(count=found.lacking)
    if found.destroyed:
        said = n_(
            "{count} customer on file here was destroyed: `crm sync` brings the certificate.",
            "{count} customers on file here were destroyed: `crm sync` brings the certificates.",
            found.destroyed,
        )
        yield said.format(count=found.destroyed)
    if not (found.lacking or found.destroyed):
        yield _("Nothing is missing here.")
