"""The signatures of this process's own commits: the script that git calls for one asks back over git's standard output,
which is a socket here. To start an interpreter with a cryptographic library for each commit takes ten times as long.

No signature is made here. Whatever fails is answered with no: the script then starts the program, which says why.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

ASKS = "CRM_SIGNS"  # the variable that tells the script so
SIGNED = "signed"

Sign = Callable[[str, str], None]  # with this key file, this file; the signature into FILE.sig


@contextmanager
def answering(sign: Sign) -> Iterator[int]:
    """A descriptor for git's standard output; what asks over it is answered as long as this lasts."""
    here, there = socket.socketpair()
    with here, there:
        thread = Thread(target=_answer, args=(here, sign), daemon=True)
        thread.start()
        try:
            yield there.fileno()
        finally:
            here.shutdown(socket.SHUT_RDWR)
            thread.join()


def _answer(here: socket.socket, sign: Sign) -> None:
    """Two lines are one question: the key's path and that of the file."""
    # A git that was killed meanwhile hears no answer.
    with suppress(OSError), here.makefile("r", encoding="utf-8", errors="surrogateescape", newline="\n") as asked:
        for key in asked:
            said = _signed(sign, key.rstrip("\n"), next(asked, "").rstrip("\n"))
            here.sendall(f"{said}\n".encode())


def _signed(sign: Sign, key: str, file: str) -> str:
    try:
        sign(key, file)
    except Exception:  # whatever it is, git waits for an answer
        return "no"
    return SIGNED
