"""What in a customer's file is possible and yet hardly meant: a birthday beside another one in the ID number, a contact
person who is listed twice. Names the place, never a value. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crmcli.errors import Finding, Where
from crmcli.model.sealed import Sealed
from crmcli.text import _


def oddities(tree: Mapping[str, Any], place: str, before: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """Warnings about a canonical plain tree, those about the tree before left out.

    place  what the findings call the customer: a number or a path
    """
    known = oddities(before, place) if before else ()
    return tuple(one for one in (*_birthday(tree, place), *_contacts(tree, place)) if one not in known)


def _birthday(tree: Mapping[str, Any], place: str) -> Iterator[Finding]:
    birthday, number = tree.get("birthday"), tree.get("id_number")
    if not birthday or not number or isinstance(birthday, Sealed) or isinstance(number, Sealed):
        return
    if birthday.replace("-", "") != number[6:14]:
        said = _("The birthday is not the one in the ID number.")
        yield Finding(said, Where(place, None, "birthday"), severity="warning")


def _contacts(tree: Mapping[str, Any], place: str) -> Iterator[Finding]:
    seen: set[tuple[str | None, str | None]] = set()
    for at, contact in enumerate(tree.get("contacts", ()), start=1):
        person = contact.get("name"), contact.get("phone")
        if any(isinstance(value, Sealed) for value in person):
            continue
        if person in seen:
            said = _("A contact person with this name and phone is listed already.")
            yield Finding(said, Where(place, None, f"contacts[{at}]"), severity="warning")
        seen.add(person)
