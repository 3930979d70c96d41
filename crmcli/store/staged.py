"""What is about to be committed: the files that git's index holds otherwise than HEAD. Reads only.

Inside a hook the index is the one of the commit being made, which `git commit -a` and `git commit PATH` keep apart from
the usual one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from crmcli.store.git import Git
from crmcli.store.history import contents

_AT_ONCE = 1000


class Staging:
    """The index of the repository around a folder; all paths are from the top of its work tree."""

    def __init__(self, start: Path, env: Mapping[str, str]) -> None:
        top = Git(start, env).places().top
        self._git = Git(top, env)
        # Whoever runs a hook names the index here; a relative name counts from the top.
        index = env.get("GIT_INDEX_FILE")
        self._env = {"GIT_INDEX_FILE": str(top / index)} if index else {}

    def named(self, names: Iterable[str]) -> dict[str, str]:
        """Path → blob of every file in the index whose path is or ends with one of these (`schemas/vault.yaml`)."""
        patterns = (f":(top,glob)**/{name}" for name in names)
        listed = self._git.run("ls-files", "--stage", "-z", "--full-name", "--", *patterns, env=self._env)
        entries = (entry.split("\t", 1) for entry in _words(listed))
        return {path: facts.split(" ")[1] for facts, path in entries}

    def changed(self) -> dict[str, str]:
        """Path → blob of every file that is new, or not as in HEAD."""
        tree = self._git.head() or self._git.run("hash-object", "-t", "tree", "--stdin").decode().strip()
        shape = ("--cached", "--raw", "-z", "--no-renames", "--no-relative", "--no-abbrev", "--diff-filter=AMT")
        words = _words(self._git.run("diff-index", *shape, tree, "--", env=self._env))
        return {path: facts.split(" ")[3] for facts, path in zip(words[::2], words[1::2], strict=True)}

    def contents(self, blobs: Sequence[str]) -> Iterator[bytes | None]:
        """The bytes of each blob, by hash or name (`HEAD:path`); None for what is not there, or is a submodule, OVERSIZE
        for one too large."""
        for start in range(0, len(blobs), _AT_ONCE):
            yield from contents(self._git, blobs[start : start + _AT_ONCE])


def _words(listed: bytes) -> list[str]:
    return listed.decode("utf-8", "surrogateescape").split("\0")[:-1]
