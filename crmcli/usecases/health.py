"""One thing that `crm doctor` looked at, and how it is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from crmcli.errors import CrmError

State = Literal["ok", "mended", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Check:
    """name: what was looked at, for programs too; hint: what to do about it."""

    name: str
    state: State
    message: str
    hint: str | None = None


def looked(name: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """What a look tells; where it fails, that is the problem, and nothing else is kept from being looked at."""
    try:
        yield from look()
    except CrmError as error:
        yield Check(name, "problem", error.message, error.hint)
    except OSError as error:
        yield Check(name, "problem", f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
