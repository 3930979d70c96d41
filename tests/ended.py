"""How a command ended, and what must hold of whatever any command says."""

import re
from dataclasses import dataclass

ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit: int
    out: str
    err: str

    def fair(self, words: tuple[str, ...]) -> "Ended":
        """The same, after a look that nothing said can act on a terminal or is a mistake of ours."""
        for said in (self.out, self.err):
            assert not ACTING.search(said.replace("\r\n", "\n")), f"{words} acts on the terminal: {said!r}"
            assert "Traceback" not in said, said
            assert "Internal error" not in said, said
        return self
