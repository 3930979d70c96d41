"""Commits as the bytes they are, and the signatures in them. Reads only, and judges none of them."""

import hashlib
from collections.abc import Iterator, Sequence

from crmcli.errors import Damaged
from crmcli.store.history import batch
from crmcli.store.vault import Vault
from crmcli.text import _

_PORTION = 10_000  # commits asked for at once; some 5 MB
_TRUE = {"GIT_NO_REPLACE_OBJECTS": "1"}  # `git replace` must not show another commit under a signed one's name
_SIGNATURES = b"gpgsig ", b"gpgsig-sha256 "


def raw_commits(vault: Vault, hashes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Each commit (full hashes) with its bytes, in the given order. Damaged where one is not there, is no commit, or is
    not what its hash says."""
    for start in range(0, len(hashes), _PORTION):
        names = hashes[start : start + _PORTION]
        answer = vault.git().run(
            "cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode(), env=_TRUE
        )
        for name, raw in zip(names, batch(answer, len(names)), strict=True):
            if raw is None or _hash(raw, vault.algorithm) != name:
                raise _damaged(name)
            yield name, raw


def unsigned(raw: bytes) -> tuple[str | None, bytes]:
    """The armored signature of a commit (None: it has none) and the bytes it is over: the commit without that header."""
    head, blank, message = raw.partition(b"\n\n")
    headers = list(_headers(head))
    # Both signatures are left out of what is signed, as git does it; the one of the repository's kind of hash counts.
    # What only looks like one stays, as something that was altered, and of two none is taken: there git is less strict.
    ours = _SIGNATURES[len(headers[0][0]) >= len("tree ") + 64]
    rest = b"\n".join(line for header in headers if not header[0].startswith(_SIGNATURES) for line in header)
    found = [header for header in headers if header[0].startswith(ours)]
    if len(found) != 1:
        return None, rest + blank + message
    first, *more = found[0]
    lines = (first.removeprefix(ours), *(line[1:] for line in more))
    return "".join(line.decode("ascii", "replace") + "\n" for line in lines), rest + blank + message


def _headers(head: bytes) -> Iterator[list[bytes]]:
    """The lines of each header: the first one, and those that go on with it after a blank."""
    header: list[bytes] = []
    for line in head.split(b"\n"):
        if header and not line.startswith(b" "):
            yield header
            header = []
        header.append(line)
    yield header


def _hash(raw: bytes, algorithm: str) -> str:
    return hashlib.new(algorithm, b"commit %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


def _damaged(name: str) -> Damaged:
    return Damaged(
        _("Commit {hash} is missing or damaged.").format(hash=name[:12]),
        hint=_("`git fsck` says more; `git fetch --unshallow` completes a shallow clone."),
        kind="history",
    )
