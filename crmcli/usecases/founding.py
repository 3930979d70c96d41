"""What makes a vault a sealed one: the first admin, the first masters, and a keyring to seal with before any commit."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmcli.errors import Refused
from crmcli.model.keys import PATH as KEYS
from crmcli.model.keys import Keys
from crmcli.model.team import PATH, SEALING, Access, email_of, folded
from crmcli.sealing.identity import Identity, Public
from crmcli.sealing.masters import fingerprint, new_master, wrap
from crmcli.store.comments import comments_of
from crmcli.store.homes import Homes
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.trust import Trusted

Tree = dict[str, Any]


@dataclass(frozen=True)
class Founded:
    """The two files of a new sealed vault, and the keys to seal its first customers with."""

    files: Mapping[str, bytes]
    keyring: Keyring


def found(vault: str, homes: Homes, identity: Identity, ident: str, access: bytes) -> Founded:
    """The founder is who `ident` ("Name <address>") names, an admin. Refused where the file lists others but not them
    as an admin."""
    tree: Tree = dict(parse(access, PATH).tree)
    name = _founder(Access.model_validate(tree), ident)
    made = {level: new_master() for level in SEALING}
    prints = {level.value: {"1": fingerprint(master, vault, level, 1)} for level, master in made.items()}
    wraps = {level.value: {"1": {name: wrap(master, [identity.recipient])}} for level, master in made.items()}
    people = {**tree.get("people", {}), name: _person(tree, name, ident, identity)}
    after: Tree = {"serial": "1", **tree, "people": people, "masters": prints}
    keys: Tree = {"format": "1", "wrapped": wraps}
    files = {PATH: render(after, comments_of(access, PATH)), KEYS: render(keys)}
    trusted = Trusted.founding(Access.model_validate(after), Keys.model_validate(keys))
    return Founded(files, Keyring(vault, homes, identity, trusted))


def listed(device: Identity | Public) -> Tree:
    """A machine as the access file lists it."""
    signer = urlsafe_b64encode(device.signer).decode().rstrip("=")
    return {device.device: {"recipient": device.recipient, "signer": signer}}


def _founder(access: Access, ident: str) -> str:
    """The name the founder has or gets; others listed already must have made them an admin."""
    email = folded(email_of(ident))
    name = next((name for name, person in access.people.items() if folded(person.email) == email), None)
    if access.people and (name is None or "admin" not in access.people[name].roles):
        raise Refused(
            _("{email} is not listed as an admin in {path}.").format(email=email, path=PATH),
            hint=_("An admin seals the vault, or lists you first."),
            kind="not-admin",
        )
    return name or email.split("@")[0] or "admin"


def _person(tree: Tree, name: str, ident: str, identity: Identity) -> Tree:
    person = tree.get("people", {}).get(name) or {"email": email_of(ident), "roles": ["admin"]}
    return {**person, "devices": listed(identity)}
