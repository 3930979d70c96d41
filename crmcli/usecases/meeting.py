"""What a sync looks at before it takes anything: whether the two belong together, whether the other side sealed the
vault meanwhile, and which customers' files would go without a certificate."""

from dataclasses import dataclass

from pydantic import ValidationError

from crmcli.errors import Conflict, CrmError, Finding, Where
from crmcli.model.house import Settings
from crmcli.model.identity import certificate_path, number_at
from crmcli.model.keys import PATH as KEYS
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.merging import merge_base
from crmcli.store.records import FOLDER, uid_of
from crmcli.store.spans import commits_of
from crmcli.store.touches import touches
from crmcli.store.transaction import Desk
from crmcli.store.vault import SETTINGS, Vault
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.trust_history import made_by, raws_of

FEW = 3  # files that may go without a certificate in one sync: each a new customer that was undone, say
_RAW = ("-r", "-z", "--raw", "--no-renames", "--no-relative", "--no-abbrev", "--diff-filter=AD")


@dataclass(frozen=True, slots=True)
class Gone:
    """A customer's file that the others deleted, with no certificate and no other number."""

    number: str
    path: str
    commit: str
    author: str


def refuse_unrelated(git: Git, tip: str) -> None:
    """Conflict where HEAD and the fetched commit have no commit in common."""
    head = git.head()
    if head and merge_base(git, head, tip) is None:
        hint = _("Another vault's remote? `git remote -v` shows the address.")
        raise Conflict(_("What is there has nothing in common with this vault."), hint=hint, kind="unrelated")


def follow_sealed(desk: Desk, tip: str | None) -> bool:
    """For a vault opened as an open one: whether the others sealed it meanwhile. HEAD is carried there then; Conflict,
    kind "sealed-meanwhile", where it has commits of its own, which are in clear text."""
    head = desk.git.head()
    if head and _is_sealed(desk.git, head):
        said, hint = _("The vault was sealed meanwhile."), _("`crm sync` again.")
        raise Conflict(said, hint=hint, kind="sealed-meanwhile")
    if tip is None or not _is_sealed(desk.git, tip):
        return False
    if head and merge_base(desk.git, head, tip) != head:
        said = _(
            "The vault was sealed meanwhile; what only this clone has is clear text, and nothing of it is published."
        )
        hint = _(
            "`git branch mine` keeps your commits, `git reset --hard {tip}` takes the sealed vault. Then make the changes "
            "again: `git log -p {tip}..mine` shows them."
        )
        raise Conflict(said, hint=hint.format(tip=tip[:12]), kind="sealed-meanwhile")
    desk.move(tip)
    return True


def _is_sealed(git: Git, commit: str) -> bool:
    """Whether a vault is sealed there: its settings say so, or it has keys."""
    keys, settings = contents(git, [f"{commit}:./{KEYS}", f"{commit}:./{SETTINGS}"])
    if keys is not None:
        return True
    try:
        return bool(settings) and Settings.model_validate(parse(settings or b"", SETTINGS).tree).sealing
    except (CrmError, ValidationError):
        return False


def deleted(vault: Vault, git: Git, tip: str) -> tuple[Gone, ...]:
    """The customers' files of HEAD that the fetched commit has no more, though nothing tells that they were destroyed
    or have another number now."""
    head = git.head()
    base = merge_base(git, head, tip) if head else None
    if head is None or base is None or base == tip:
        return ()
    listed = git.run("diff-tree", *_RAW, base, tip, "--", f":(top,literal){vault.prefix}{FOLDER}")
    words = listed.decode("utf-8", "surrogateescape").split("\0")
    gone: dict[str, str] = {}
    new: list[str] = []
    for facts, place in zip(words[:-1:2], words[1::2], strict=True):
        _old, _mode, before, after, status = facts.split(" ")
        path = place.removeprefix(vault.prefix)
        if number_at(path) and status == "D":
            gone[path] = before
        elif number_at(path):
            new.append(after)
    return _told(vault, git, (base, tip), _lost(git, (head, tip), gone, new)) if gone else ()


def _lost(git: Git, sides: tuple[str, str], gone: dict[str, str], new: list[str]) -> list[str]:
    """Those of the paths that HEAD has, with no certificate, and whose customer stands at no other place."""
    head, tip = sides
    here = git.stands([f"{head}:./{path}" for path in gone])
    ended = git.stands([f"{tip}:./{certificate_path(number_at(path) or '')}" for path in gone])
    left = [path for path, ours, paper in zip(gone, here, ended, strict=True) if ours and not paper]
    if not left or not new:
        return left
    moved = {uid_of(data) for data in contents(git, new)} - {None}
    uids = [uid_of(data) for data in contents(git, [gone[path] for path in left])]
    return [path for path, uid in zip(left, uids, strict=True) if uid not in moved]


def _told(vault: Vault, git: Git, span: tuple[str, str], paths: list[str]) -> tuple[Gone, ...]:
    """Each with the commit that deleted it."""
    if not paths:
        return ()
    base, tip = span
    touched = touches(vault, commits_of(vault, tip, [base]), paths if len(paths) <= FEW else (FOLDER,))
    by = {path: name for name, files in touched.items() for path, touch in files.items() if touch.gone}
    raws = raws_of(vault, sorted({by.get(path, tip) for path in paths}))
    commits = [(path, by.get(path, tip)) for path in sorted(paths)]
    return tuple(Gone(number_at(path) or "", path, name, made_by(raws[name])[0]) for path, name in commits)


def findings_on(gone: tuple[Gone, ...]) -> tuple[Finding, ...]:
    """A few, to be said; Conflict, kind "gone", for more."""
    said = _("{number} was deleted without a certificate (commit {commit} by {author}).")
    several = len(gone) > FEW
    found = tuple(
        Finding(
            said.format(number=one.number, commit=one.commit[:12], author=one.author),
            Where(one.path),
            severity="error" if several else "warning",
        )
        for one in gone
    )
    if several:
        what = _("Others deleted the files of {count} customers without a certificate; nothing of it was taken.")
        hint = _("Ask {author}: `crm undo {commit}` there brings them back. If it is meant so, `git pull` takes it in.")
        hint = hint.format(author=gone[0].author, commit=gone[0].commit[:12])
        raise Conflict(what.format(count=len(gone)), hint=hint, findings=found, kind="gone")
    return found
