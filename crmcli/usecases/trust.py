"""What is trusted in a sealed vault: the access file and the wrapped masters at HEAD, from a root pinned outside of it.

Only committed files count. A command that finds the files of the command before asks git once and verifies nothing;
any other judges the history from the root on. Never repairs; what is not to be trusted is `Damaged` (exit 7) and named.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crmcli.errors import CrmError, Damaged, Refused, Where
from crmcli.model import keys, team
from crmcli.model.keys import Keys
from crmcli.model.team import Access
from crmcli.store import history as past
from crmcli.store.files import read_file
from crmcli.store.homes import Homes
from crmcli.store.journal import blob_hash
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import SETTINGS, Vault
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.trust_chain import Chain, chain_of
from crmcli.usecases.trust_history import (
    CUSTOM,
    FILES,
    Step,
    descendants,
    history_of,
    made_by,
    raws_of,
    read_as,
    with_files,
)
from crmcli.usecases.trust_judged import Flaw, Judged, State, judged_by
from crmcli.usecases.trust_memory import Memory, follows, line, refuse_rollback, remember, remembered

HEADS = ("HEAD", *(f"HEAD:./{path}" for path in (*FILES, CUSTOM)))
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What a person's repository may claim about its own history (`git replace`, grafts) is no history.
_AS_WRITTEN = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}


@dataclass(frozen=True)
class Trusted:
    """The trusted access file and wrapped masters.

    root        the commit that trust starts at
    commit      the one that brought these files
    since       the commit at which this clone judged the history; later ones touched neither these files nor the custom
                fields; "" where that is not known
    pinned_now  whether the root was pinned just now, unseen: to be said aloud
    lines, chains   what was told and judged already in this process
    """

    root: str
    access: Access
    keys: Keys
    commit: str
    access_blob: str
    keys_blob: str
    since: str = ""
    pinned_now: bool = False
    lines: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    chains: dict[tuple[str, ...], Chain] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def founding(access: Access, keys: Keys) -> "Trusted":
        """Files that are about to become the root's."""
        return Trusted("", access, keys, "", "", "")


def root_pin(homes: Homes, vault: str) -> Path:
    """Where the root of a vault is pinned."""
    return homes.config / "roots" / vault


def pinned_root(homes: Homes, vault: str) -> str | None:
    """The pinned root of a vault, None before the first use; Damaged where the file holds something else."""
    path = root_pin(homes, vault)
    data = read_private(path)
    text = None if data is None else data.decode("ascii", "replace").strip()
    if text is not None and not _HASH.fullmatch(text):
        hint = _("Compare with a teammate's; `crm keys import FILE` pins the one of a key kit.")
        said = _("{path} does not name a commit.").format(path=path)
        raise Damaged(said, where=Where(str(path)), hint=hint, kind="root")
    return text


def pinned_roots(homes: Homes) -> list[str]:
    """The pinned roots of all vaults, without those that name no commit."""
    found = (read_private(path) or b"" for path in (homes.config / "roots").glob("*"))
    return [text for data in found if _HASH.fullmatch(text := data.decode("ascii", "replace").strip())]


def pin(homes: Homes, vault: str, root: str) -> None:
    """Pin the root of a vault: whatever does not build on it is not trusted from now on."""
    write_private(root_pin(homes, vault), f"{root}\n".encode())


def trusted(vault: Vault, homes: Homes, *, heads: Sequence[str | None] | None = None) -> Trusted:
    """What is trusted at HEAD. `heads`: what `HEADS` stand for, where that is known already.

    Without a pinned root the history's own is pinned. Raises Damaged, naming the commit, and Refused (kind "shallow")
    where the history is cut off.
    """
    vault = as_written(vault)
    head, *files = heads or vault.git().stands(HEADS)
    root, known = pinned_root(homes, vault.id), remembered(vault)
    if known and head and known.root == root and files == known.files and follows(vault, known, head):
        return _read(vault, known)
    chain, tip = judged_history(vault, root, head)
    state = _sound_state(vault, chain, tip)
    refuse_rollback(vault, known if known and known.root == chain.root else None, state)
    if root is None:
        pin(homes, vault.id, chain.root)
    access, wrapped = state.files
    seen = (access or "", wrapped or "", files[-1] or "")
    remember(vault, Memory(vault.id, chain.root, tip, state.commit, state.access.serial, *seen, since=tip))
    return replace(_trusted(chain.root, state), since=tip, pinned_now=root is None)


def judge(vault: Vault, trusted: Trusted, commits: Sequence[str]) -> list[Judged]:
    """Commits of HEAD's history, or of `Vault.also`, each by the states of its parents and those where it came in."""
    vault = as_written(vault)
    if not vault.also and (settled := _settled(vault, trusted, commits)) is not None:
        return settled
    tips = (vault.git().head() or "", *vault.also)
    if tips not in trusted.chains:
        trusted.chains[tips], _tip = judged_history(vault, trusted.root, tips[0] or None, vault.also)
    chain = trusted.chains[tips]
    raws = raws_of(vault, [name for name in commits if name in chain.steps])
    unknown = [name for name in commits if name not in raws]
    strange = {name: Judged(flaw=Flaw(name, "unknown", _("It is not in the history."))) for name in unknown}
    return [strange.get(name) or chain.judged(name, raws[name]) for name in commits]


def _settled(vault: Vault, trusted: Trusted, commits: Sequence[str]) -> list[Judged] | None:
    """The commits judged without the history before them; None where that can't be done.

    Where HEAD's only trusted state is the one of a known commit, it is the only one of every commit between the two:
    any other would have to be settled by a newer state until HEAD. Their parents have it, too, or one that it builds
    on, and no newer one is there that they could have come in under.
    """
    known, head = remembered(vault), vault.git().head()
    if not (known and head and (known.root, known.commit) == (trusted.root, trusted.commit)):
        return None
    _refuse_shallow(vault)
    if not follows(vault, known, head):
        return None
    if not line(vault, trusted.lines, trusted.commit, head, commits).issuperset(commits):
        return None
    raws = raws_of(vault, list(commits))
    state = State(trusted.commit, (trusted.access_blob, trusted.keys_blob), trusted.access, trusted.keys, frozenset())
    return [judged_by((state,), name, raws[name]) for name in commits]


def trusted_at(vault: Vault, root: str, commit: str) -> Trusted:
    """What is trusted at a commit, whatever HEAD has. Raises Damaged as `trusted`."""
    vault = as_written(vault)
    chain, tip = judged_history(vault, root, commit)
    return _trusted(root, _sound_state(vault, chain, tip))


def as_written(vault: Vault) -> Vault:
    """The vault with a git that shows objects as they were written, whatever replacements the clone has for them."""
    return replace(vault, env={**vault.env, **_AS_WRITTEN})


def judged_history(vault: Vault, root: str | None, head: str | None, also: Sequence[str] = ()) -> tuple[Chain, str]:
    """The history of `head` judged from the root, pinned or found, and head. Four git calls, five without a root.

    also  other commits whose histories count: what was decided there is in force for what joins them
    """
    _refuse_shallow(vault)
    if head is None:
        raise _rootless(root)
    steps = history_of(vault, head, *also)
    if root is not None and root not in steps:
        raise _rootless(root)
    if root is None:
        steps = with_files(vault, steps)
        root = _found_root(vault, steps)
    else:
        steps = steps | with_files(vault, descendants(root, steps))
    chain = chain_of(vault, root, steps)
    if root in chain.flaws:
        raise _damaged(vault, chain, root)
    _refuse_other_id(vault, root)
    return chain, head


def _found_root(vault: Vault, steps: dict[str, Step]) -> str:
    """The first commit whose access file names masters; Damaged for none, or for several that don't know each other."""
    under: set[str] = set()
    roots: list[str] = []
    sealed = _with_masters(vault, steps)
    for name, step in steps.items():
        if under.intersection(step.parents):
            under.add(name)
        elif step.files[0] in sealed:
            under.add(name)
            roots.append(name)
    if len(roots) > 1:
        said = _("The history has two beginnings: {one} and {two}.").format(one=roots[0][:12], two=roots[1][:12])
        hint = _("Ask a teammate for a key kit: it names the right one.")
        raise Damaged(said, where=Where(team.PATH), hint=hint, kind="root")
    if not roots:
        raise _rootless(None)
    return roots[0]


def _with_masters(vault: Vault, steps: dict[str, Step]) -> set[str]:
    """The access files, by hash, that name masters."""
    first = {step.files[0]: name for name, step in steps.items() if step.files[0]}
    datas = past.blobs(vault, [(name, team.PATH) for name in first.values()]) if first else []
    return {blob for blob, data in zip(first, datas, strict=True) if blob and _names_masters(data or b"")}


def _names_masters(data: bytes) -> bool:
    try:
        return bool(parse(data, team.PATH).tree.get("masters"))
    except CrmError:
        return False


def _sound_state(vault: Vault, chain: Chain, tip: str) -> State:
    if not chain.sound(tip):
        raise _damaged(vault, chain, chain.flaw_of(tip).commit)
    return chain.tops[tip][0]


def _trusted(root: str, state: State) -> Trusted:
    access, wrapped = state.files
    return Trusted(root, state.access, state.keys, state.commit, access or "", wrapped or "")


def _read(vault: Vault, known: Memory) -> Trusted:
    """The files as remembered: from the work tree where they are as committed, from git otherwise."""
    access = read_as(_content(vault, team.PATH, known.access), team.PATH, Access)
    wrapped = read_as(_content(vault, keys.PATH, known.keys), keys.PATH, Keys)
    return Trusted(known.root, access, wrapped, known.commit, known.access, known.keys, known.since)


def _content(vault: Vault, path: str, blob: str) -> bytes:
    try:
        data = read_file(vault.root, path)
    except CrmError:
        data = None
    if data is not None and blob_hash(data, vault.algorithm) == blob:
        return data
    return vault.git().blob(blob)


def _refuse_shallow(vault: Vault) -> None:
    if (vault.common_dir / "shallow").exists():
        said = _("This clone has only a part of the history, so nothing in it can be trusted.")
        raise Refused(said, hint="git fetch --unshallow", kind="shallow")


def _refuse_other_id(vault: Vault, root: str) -> None:
    """Refuse a vault whose id was changed, which would leave its pinned root behind."""
    (data,) = past.blobs(vault, [(root, SETTINGS)])
    if data is None or parse(data, SETTINGS).tree.get("id") != vault.id:
        said = _("The id of the vault is not the one it had at its root {root}.").format(root=root[:12])
        raise Damaged(said, where=Where(SETTINGS, field="id"), hint=_history_hint(SETTINGS), kind="root")


def _rootless(root: str | None) -> Damaged:
    if root is None:
        said = _("No commit names the keys of this vault.")
        return Damaged(said, where=Where(team.PATH), hint=_history_hint(team.PATH), kind="root")
    said = _("The history does not have the root {root} of this vault's keys.").format(root=root[:12])
    hint = _("Another branch, or a replaced history: `git reflog` tells where HEAD was before.")
    return Damaged(said, where=Where(team.PATH), hint=hint, kind="root")


def _damaged(vault: Vault, chain: Chain, commit: str) -> Damaged:
    """The files at HEAD are those of a flawed commit, which is named with its author."""
    flaw = chain.flaws[commit]
    author, _email = made_by(raws_of(vault, [commit])[commit])
    said = _("{path} is not trusted since commit {commit} by {author}. {why}")
    said = said.format(path=team.PATH, commit=commit[:12], author=author, why=flaw.why)
    last = chain.tops[commit]
    hint = _("`crm audit` tells more.")
    if len(last) == 1:
        hint = _("`git restore --source={commit} -- {files}` and `git commit` bring the trusted files back.")
        hint = hint.format(commit=last[0].commit[:12], files=" ".join(FILES))
    return Damaged(said, where=Where(team.PATH), hint=hint, kind=flaw.kind)


def _history_hint(path: str) -> str:
    return _("`git log -p -- {path}` tells who changed it.").format(path=path)
