"""Whose uid stands in whose file: keys are destroyed by uid, holds and terms stand in files.

A plan looks through all files, those of the last commit and those that lie there, and has it remembered where nobody else
has a uid (`searched`); what follows it looks at those files alone that are not as in that commit.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from crmcli.errors import CrmError
from crmcli.store import history as past
from crmcli.store.records import APART, FOLDER
from crmcli.store.vault import Vault
from crmcli.store.yamlread import parse
from crmcli.usecases.purge_places import content, unsettled
from crmcli.usecases.searched import question, recall, remember
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace

FEW = 1_000  # files that are read one by one; git reads 10,000 in 0.1 s
_GREP = (
    *("-z", "--files-with-matches", "--text", "--fixed-strings", "--no-full-name", "--no-color"),
    *("--no-recurse-submodules", "-f", "-"),
)
# git takes a file so marked for unchanged, whatever became of it.
_MARKED = re.compile(rb"(?:^|\0)[a-zS] ")
Holders = Mapping[str, Collection[str]]


def holders(work: Workplace, owned: Mapping[str, str], lying: Sequence[str] | None = None) -> Holders:
    """Each uid with the paths of all customers' files that have it as theirs, whatever else these hold.

    owned  the uids, with the path of the file that each is known by
    lying  what `unsettled` names, where that is known
    """
    found: dict[str, list[str]] = {uid: [] for uid in owned}
    paths = _turned(work, owned, lying) if owned else []
    for path in _grepped(work.vault, owned, "--untracked", "--no-exclude-standard") if paths is None else paths:
        for uid in _uids_of(content(work.root / path) or b"", path, found):
            found[uid].append(path)
    return found


def settle_holders(work: Workplace, owned: Mapping[str, str]) -> None:
    """Have it remembered which of these uids no committed file has but the one that it is known by."""
    vault = as_written(work.vault)
    head = vault.git().head()
    if head is None or not owned:
        return
    paths = _grepped(vault, owned, tree=head)
    datas = zip(paths, past.blobs(vault, [(head, path) for path in paths]), strict=True)
    taken = {uid for path, data in datas for uid in _uids_of(data or b"", path, owned) if owned[uid] != path}
    remember(vault, head, {_asked(uid, path): [] for uid, path in owned.items() if uid not in taken})


def _asked(uid: str, path: str) -> str:
    return question("uid", uid, path)


def _uids_of(data: bytes, path: str, wanted: Collection[str]) -> list[str]:
    """Those of these that the file has as its uid; whatever stands anywhere in a file that can't be parsed."""
    near = [uid for uid in wanted if uid.encode() in data]
    try:
        theirs = parse(data, path).tree.get("uid") if near else None
    except CrmError:
        return near
    return [theirs] if isinstance(theirs, str) and theirs in wanted else []


def _turned(work: Workplace, owned: Mapping[str, str], lying: Sequence[str] | None) -> list[str] | None:
    """These customers' files, and all that are not as in the commit in which nobody else had their uids; None where
    there is no such commit, or little to be gained."""
    vault = as_written(work.vault)
    git = vault.git()
    head = git.head()
    known = recall(vault, head, [_asked(uid, path) for uid, path in owned.items()]) if head else None
    if known is None or _MARKED.search(git.run("ls-files", "-v", "-z", "--", f"{FOLDER}/")):
        return None
    shape = ("--cached", "--name-only", "-z", "--no-renames", "--no-relative", "--ignore-submodules=none")
    said = git.run("diff-index", *shape, known.tip, "--", f":(top,literal){vault.prefix}{FOLDER}")
    staged = [path.removeprefix(vault.prefix) for path in said.decode("utf-8", "surrogateescape").split("\0")[:-1]]
    found = dict.fromkeys(
        [*owned.values(), *_customers(staged), *_customers(unsettled(vault) if lying is None else lying)]
    )
    return list(found) if len(found) <= FEW + len(owned) else None


def _grepped(vault: Vault, words: Collection[str], *options: str, tree: str = "") -> list[str]:
    """Those customers' files, of a commit or as they lie there, in which any of these words may stand."""
    patterns = "".join(f"{word}\n" for word in words).encode()
    asked = ("grep", *_GREP, *options, *([tree] if tree else []), "--", f"{FOLDER}/")
    answer = vault.git().ask(*asked, stdin=patterns)
    if answer.code > 1 or answer.code < 0:
        raise vault.git().error(asked, answer)
    said = answer.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return _customers(path.removeprefix(f"{tree}:") for path in said)


def _customers(paths: Iterable[str]) -> list[str]:
    apart = tuple(f"{FOLDER}/{name}/" for name in APART)
    return [
        path
        for path in paths
        if path.endswith((".yaml", ".yml")) and path.startswith(f"{FOLDER}/") and not path.startswith(apart)
    ]
