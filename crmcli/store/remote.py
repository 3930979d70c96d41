"""The git remote at which the clones of a vault meet: any host, nothing installed there.

Fetches and pushes named refs alone, never tags, never by force but for the file of salts, and that only over the
version it has seen, and never where its ref is another name of a branch. What was fetched is not trusted by anybody yet.
"""

from dataclasses import dataclass, replace
from typing import Literal

from crmcli.errors import Conflict, CrmError, Failure, Invalid, NotFound
from crmcli.store.git import Answer, Git
from crmcli.text import _

SALTS = "refs/crm/salts"
# Objects that git itself calls malformed never get in; nothing but the named refs is touched.
_FETCH = ("-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--force")
_QUIET = ("-c", "maintenance.auto=false", "-c", "gc.auto=0")
_SAID = 5  # lines of somebody else's words
_UNSUPPORTED = "does not support --atomic"
_MOVED = ("failed to update ref", "cannot lock ref", "incorrect old value")
_IN_THE_WAY = b"; cannot create '"  # a ref below or above this one: it never can be there
_TOGETHER = "atomic "  # "atomic push failed" by git here, "atomic transaction failed" by the host
Landed = Literal["done", "behind", "refused", "together"]


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote by the name or address that git knows, and the branch to meet on.

    fresh  whether plain `git pull` and `git push` know no way from this branch yet, and the remote has a name to tell them
    """

    name: str
    branch: str
    fresh: bool = False

    @property
    def seen(self) -> str:
        """The ref that keeps the newest commit of the branch that was verified."""
        return f"refs/crm/remotes/{_word(self.name)}/{self.branch}"

    @property
    def fetched(self) -> str:
        """The ref of what was fetched last, good or bad."""
        return f"refs/crm/fetched/{_word(self.name)}/{self.branch}"

    @property
    def fetched_salts(self) -> str:
        """The ref of the file of salts that was fetched last."""
        return f"refs/crm/fetched-salts/{_word(self.name)}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stood there: the commit of the branch, and whatever stood in the place of the file of salts; None for none.

    alias  whether the place of the salts is another name of a branch: what is written there is written to the branch
    """

    tip: str | None
    salts: str | None
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of the branch and of the salts: done; behind what others pushed meanwhile; refused, in git's words;
    not done because the other one was not."""

    branch: Landed
    salts: Landed
    words: str = ""


def remote_of(git: Git, name: str | None) -> Remote:
    """The remote to use: the one named, else the branch's own, else `origin`, else the only one. Conflict on no branch,
    NotFound where there is no remote."""
    branch = git.branch()
    if branch is None or not branch.startswith("refs/heads/"):
        hint = _("`git switch BRANCH` goes back to one.")
        raise Conflict(_("HEAD is on no branch."), hint=hint, kind="detached")
    short = branch.removeprefix("refs/heads/")
    own = git.run("config", "--get", f"branch.{short}.remote", check=False).decode().strip()
    known = git.run("remote").decode().split()
    found = next((one for one in (own, "origin") if one in known), known[0] if len(known) == 1 else None)
    if name is not None:
        return Remote(_named(name), short, fresh=not own and name == found)
    if found is None:
        hint = _("`git remote add origin ADDRESS` names one; `git init --bare` makes an empty one anywhere.")
        raise NotFound(_("There is no remote to meet at."), hint=hint, kind="no-remote")
    return Remote(found, short, fresh=not own)


def _named(name: str) -> str:
    if not name or name.startswith("-"):
        raise Invalid(_("{name} is not the name of a remote.").format(name=name))
    return name


def _word(name: str) -> str:
    """A remote's name as a part of a ref: an address holds signs that a ref may not."""
    return "".join(sign if sign.isalnum() else "-" for sign in name).strip("-") or "remote"


def fetch(git: Git, remote: Remote) -> Fetched:
    """Bring what stands there into refs of our own. Failure kind "offline" where it can't be reached."""
    heads = f"refs/heads/{remote.branch}"
    answer = git.ask("ls-remote", "--quiet", "--symref", remote.name, heads, SALTS)
    if answer.code:
        raise _unreachable(git, remote, answer.err)
    told = [line.split("\t") for line in answer.out.decode("utf-8", "replace").splitlines()]
    there = {ref: name for name, ref in told if not name.startswith("ref:")}
    places = {heads: remote.fetched, SALTS: remote.fetched_salts}
    wanted = [f"+{ref}:{place}" for ref, place in places.items() if ref in there]
    answer = _brought(git, remote, wanted)
    kept = not answer.code
    if SALTS in there and not kept:  # perhaps nothing that git takes in; the branch is not to wait for it
        answer = _brought(git, remote, wanted[:-1])
    if answer.code:
        raise _unreachable(git, remote, answer.err)
    tip, salts = git.stands([f"{remote.fetched}^{{commit}}", remote.fetched_salts])
    if SALTS not in there or not kept:
        salts = there.get(SALTS)
    # An old host says nothing of symbolic refs: then it shows by standing where the branch does.
    linked = any(ref == SALTS and name.startswith("ref:") for name, ref in told)
    alias = salts is not None and (linked or salts == there.get(heads))
    return Fetched(tip if heads in there else None, salts, alias)


def _brought(git: Git, remote: Remote, wanted: list[str]) -> Answer:
    return git.ask(*_QUIET, *_FETCH, remote.name, *wanted) if wanted else Answer(0, b"", b"")


def remember(git: Git, remote: Remote, tip: str) -> None:
    """Keep the newest verified commit: one that was set back later is noticed, and git never prunes it."""
    git.run("update-ref", remote.seen, tip)
    if remote.fresh:  # as `git push -u` does
        # A convenience, so no reason to stop; the remote last, since it tells that both are there.
        git.run("config", f"branch.{remote.branch}.merge", f"refs/heads/{remote.branch}", check=False)
        git.run("config", f"branch.{remote.branch}.remote", remote.name, check=False)


def push(git: Git, remote: Remote, head: str, *, salts: str | None, over: Fetched) -> Pushed:
    """Publish the commit `head`, and the file of salts (None: leave it) over what was fetched. Whatever is wrong with the
    place of the salts, the branch is published."""
    branch = f"{head}:refs/heads/{remote.branch}"
    if salts is None or over.alias:
        told = _("{ref} is another name of a branch there; whoever keeps the host can remove it.").format(ref=SALTS)
        alone = _pushed(git, remote, targets=[branch])
        return replace(alone, salts="done") if salts is None else _with(alone, "refused", told)
    lease = f"--force-with-lease={SALTS}:{over.salts or ''}"
    first = _pushed(git, remote, "--atomic", lease, targets=[branch, f"{salts}:{SALTS}"])
    if first.branch in ("done", "behind"):
        return first
    # It failed for the salts alone, or the host can't do both at once.
    alone = _pushed(git, remote, targets=[branch])
    if alone.branch != "done" or first.salts != "together":
        return _with(alone, first.salts, first.words)
    kept = _pushed(git, remote, lease, targets=[f"{salts}:{SALTS}"])
    return _with(alone, kept.salts, kept.words)


def _with(alone: Pushed, salts: Landed, words: str) -> Pushed:
    """What became of the branch pushed alone, and of the salts. A host says something of its own to what it takes, too."""
    return replace(alone, salts=salts, words=words if alone.branch == "done" else alone.words or words)


def _pushed(git: Git, remote: Remote, *options: str, targets: list[str]) -> Pushed:
    answer = git.ask(*_QUIET, "push", "--porcelain", *options, remote.name, *targets)
    told = answer.out.decode("utf-8", "replace").splitlines()
    lines = [line.split("\t") for line in told if line.count("\t") >= 2]
    found = {ref.rsplit(":", 1)[-1]: (flag, why) for flag, ref, why in (line[:3] for line in lines)}
    words = _words(answer.err)
    if answer.code and not found and _UNSUPPORTED not in words:
        raise _unreachable(git, remote, answer.err)
    stuck = _IN_THE_WAY in answer.err
    return Pushed(_landed(found, f"refs/heads/{remote.branch}", stuck), _landed(found, SALTS, stuck), words)


def _landed(found: dict[str, tuple[str, str]], ref: str, stuck: bool) -> Landed:
    flag, why = found.get(ref, ("!", _TOGETHER))
    if flag != "!":
        return "done"
    if _TOGETHER in why:
        return "together"
    # "[rejected]" is git's own word for a ref that moved, "[remote rejected]" a host's, who may have seen it move, too.
    moved = why.startswith("[rejected]") or (not stuck and any(word in why for word in _MOVED))
    return "behind" if moved else "refused"


def _unreachable(git: Git, remote: Remote, err: bytes) -> CrmError:
    said = _("{remote} can't be reached; nothing is lost, and `crm sync` goes on another time.")
    return Failure(said.format(remote=remote.name), hint=_words(err) or None, kind="offline")


def _words(err: bytes) -> str:
    """The last lines of what git and the host had to say, without git's advice."""
    lines = [line.rstrip() for line in err.decode("utf-8", "replace").splitlines()]
    return "\n".join([line for line in lines if line and not line.startswith("hint:")][-_SAID:])
