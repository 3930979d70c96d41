"""The words and the clock of one commit. Pure: turns values into text and environment, reads nothing."""

import re
from dataclasses import dataclass
from datetime import datetime

CLOCK = ("Crm-Clock", "turned")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Message:
    """A subject and git trailers; line breaks and control characters in either become spaces."""

    subject: str
    trailers: tuple[tuple[str, str], ...] = ()

    def render(self, stamp: "Stamp") -> str:
        """The text for git: the subject, an empty line, one trailer a line."""
        trailers = (*self.trailers, CLOCK) if stamp.turned else self.trailers
        block = "".join(f"{name}: {_folded(value)}\n" for name, value in trailers)
        return _folded(self.subject) + "\n" + (f"\n{block}" if block else "")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The moment of a write, with its offset; `turned` when CRM_NOW replaced the clock."""

    now: datetime
    turned: bool

    def env(self) -> dict[str, str]:
        """Both git dates where the clock is turned; git's own clock otherwise."""
        if not self.turned:
            return {}
        date = f"@{int(self.now.timestamp())} {self.now.strftime('%z')[:5]}"
        return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
