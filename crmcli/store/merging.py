"""Two commits joined in a scratch index: git settles what one side alone changed, the caller the rest. Touches neither
the work tree nor git's own index; a merge that is given up leaves objects that git prunes.
"""

from collections.abc import Mapping, Sequence
from typing import Self

from crmcli.store import signing
from crmcli.store.files import private_folder, remove, write_all
from crmcli.store.git import Git
from crmcli.store.merge_base import Unmerged, merge_base, unmerged
from crmcli.store.message import Message, Stamp
from crmcli.store.vault import Vault

__all__ = ["Joining", "Unmerged", "commit_tree", "merge_base", "otherwise", "unmerged"]
_START = "merge-"
_INDEX, _TEXTS = f"{_START}index", f"{_START}texts"


class Joining:
    """The merge of two commits, `ours` and `theirs`, that begin at `base` (a commit or a tree). A context manager:
    leaves no file. env: what makes git see its index."""

    def __init__(self, vault: Vault, git: Git, ours: str, theirs: str, base: str) -> None:
        self.vault, self.git, self.parents = vault, git, (ours, theirs)
        self.env = {"GIT_INDEX_FILE": str(vault.state / _INDEX), "GIT_OPTIONAL_LOCKS": "1"}
        private_folder(vault.state)
        self._drop()
        git.run("read-tree", "-i", "-m", "--aggressive", base, ours, theirs, env=self.env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_cause: object) -> None:
        self._drop()

    def _drop(self) -> None:
        for path in self.vault.state.glob(f"{_START}*"):  # a killed merge's, too
            path.unlink(missing_ok=True)

    def unmerged(self) -> list[Unmerged]:
        """What waits to be settled, in order of the paths."""
        return unmerged(self.git, self.env)

    def settle(self, texts: Mapping[str, bytes | None]) -> None:
        """Say what is to stand at these paths (from the top); None: nothing."""
        kept = {path: content for path, content in texts.items() if content is not None}
        blobs = dict(zip(kept, self._stored(list(kept.values())), strict=True))
        none = "0" * len(self.parents[0])
        self.git.set_entries([("0", none, path) for path in texts], self.env)
        self.git.set_entries([("100644", blob, path) for path, blob in blobs.items()], self.env)

    def _stored(self, texts: Sequence[bytes]) -> list[str]:
        """git's hashes of the texts, which are in its object store from now on."""
        names = [f"{_TEXTS}-{place}" for place in range(len(texts))]
        write_all(self.vault.state, list(zip(names, texts, strict=True)), 0o600)
        try:
            asked = "".join(f"{self.vault.state / name}\n" for name in names).encode("utf-8", "surrogateescape")
            return self.git.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=asked).decode().split()
        finally:
            for name in names:
                remove(self.vault.state, name)

    def commit(self, message: Message, stamp: Stamp) -> str:
        """The signed merge commit of what is settled; not on any branch yet."""
        tree = self.git.run("write-tree", env=self.env).decode().strip()
        return commit_tree(self.vault, self.git, tree, self.parents, message, stamp)


def otherwise(git: Git, commit: str, folder: str, env: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The files below a folder (paths from the top) that stand otherwise in git's index, or the one in `env`, than in a
    commit, with git's hashes of them; without what waits to be settled."""
    shape = ("--cached", "--raw", "-z", "--no-renames", "--no-relative", "--no-abbrev", "--diff-filter=AM")
    listed = git.run("diff-index", *shape, commit, "--", f":(top,literal){folder}", env=env)
    words = listed.decode("utf-8", "surrogateescape").split("\0")
    return [(path, facts.split(" ")[3]) for facts, path in zip(words[:-1:2], words[1::2], strict=True)]


def commit_tree(vault: Vault, git: Git, tree: str, parents: Sequence[str], message: Message, stamp: Stamp) -> str:
    """A signed commit of a tree on these parents; not on any branch. GitError where it can't be signed."""
    options = signing.options(vault.signing, vault.lock_path.parent) if vault.signing else ()
    sign = ("-S",) if vault.signing else ()
    on = [word for parent in parents for word in ("-p", parent)]
    said = message.render(stamp).encode("utf-8", "replace")
    made = git.run(*options, "commit-tree", *sign, *on, "-F", "-", tree, stdin=said, env=stamp.env())
    return made.decode().strip()
