"""Searches through all versions of files that a vault's history has, each going on where the last one for the same ended.

What is told always stands in what was read just now: all that came since, and the commits that held something before.
"""

from collections.abc import Iterator, Mapping, Sequence

from crmcli.store import history as past
from crmcli.store.touches import touches
from crmcli.store.vault import Vault
from crmcli.usecases.searched import recall, remember

PART = 2_000  # versions that are held at once
Version = tuple[str, str]  # the commit and the path


class PastSearch:
    """One search through the history that any ref or reflog leads to, in these paths of the vault and not in others.

    questions  what is asked, by whom it is about
    """

    def __init__(
        self, vault: Vault, questions: Mapping[str, str], paths: Sequence[str] = (), without: Sequence[str] = ()
    ) -> None:
        self._vault, self._questions, self._paths, self._without = vault, questions, paths, without
        self._head = vault.git().head()
        self._before = recall(vault, self._head, questions.values()) if self._head else None
        self._settled: frozenset[str] = frozenset()  # commits of HEAD's history, looked at for the first time
        self._held: dict[str, dict[str, None]] = {whom: {} for whom in questions}

    def versions(self) -> list[Version]:
        """Every version that may hold something, by the commits that brought it, those that were looked at for the first
        time and stay in HEAD's history first."""
        names = self._commits(self._head) if self._head else []
        found = touches(self._vault, names, self._paths or ("",), self._without) if names else {}
        return [
            (name, path)
            for name, files in found.items()
            for path, touch in files.items()
            if touch.added or touch.changed
        ]

    def holds(self, whom: str, commit: str) -> None:
        """Have it remembered that this commit holds something about somebody. One that HEAD does not lead to may be gone
        the next time, and is looked at again as long as it is there."""
        if commit in self._settled:
            self._held[whom][commit] = None

    def keep(self) -> None:
        """Remember the search, once it went through everything."""
        if self._head and self._before is None:
            held = {self._questions[whom]: list(found) for whom, found in self._held.items()}
            remember(self._vault, self._head, held)

    def _commits(self, head: str) -> list[str]:
        git = self._vault.git()
        if self._before:
            again = dict.fromkeys(name for asked in self._questions.values() for name in self._before.held[asked])
            return [*again, *git.run("rev-list", head, "--all", "--reflog", "--not", self._before.tip).decode().split()]
        names = _history(self._vault, head, self._paths, self._without)
        self._settled = frozenset(names)
        # What HEAD does not lead to is little, and another each time.
        return names + git.run("rev-list", "--all", "--reflog", "--not", head).decode().split()


def _history(vault: Vault, head: str, paths: Sequence[str], without: Sequence[str]) -> list[str]:
    """Every commit of HEAD's history that may have brought a version."""
    places = [f":(top,literal){vault.prefix}{path}" for path in paths or ("",)]
    places += [f":(top,literal,exclude){vault.prefix}{path}" for path in without]
    return vault.git().run("rev-list", "--full-history", head, "--", *places).decode().split()


def contents(vault: Vault, found: Sequence[Version]) -> Iterator[tuple[Version, bytes]]:
    """These versions with their bytes, part by part."""
    for at in range(0, len(found), PART):
        part = found[at : at + PART]
        for version, data in zip(part, past.blobs(vault, part), strict=True):
            if data is not None:
                yield version, data
