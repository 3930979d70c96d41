"""What is about to be published, judged as all others will: what a remote has once had, it may keep for ever."""

from collections.abc import Iterable, Iterator, Sequence

from crmcli.errors import CrmError, Finding, Where
from crmcli.model.identity import number_at
from crmcli.store.history import OVERSIZE
from crmcli.store.records import APART, FOLDER
from crmcli.store.spans import Brought, brought, commits_of, texts_of
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.certificate_findings import UNAUTHORISED
from crmcli.usecases.clear_text import in_clear
from crmcli.usecases.levels_then import Fields, fields_at
from crmcli.usecases.span_verdict import Advice, unreadable, untrusted
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace


def refused_by_others(work: Workplace, published: str | None, met: Sequence[str]) -> tuple[Finding, ...]:
    """Why others would have to refuse what HEAD has and the remote has not. `met`: what counts as verified besides."""
    if work.keyring is None:
        return ()
    vault = as_written(work.vault)
    head, known = vault.git().head() or "", [published] if published else []
    commits = commits_of(vault, head, [*known, *met, f"{work.keyring.trusted.root}^@"])
    wrong = untrusted(work, head, known, commits, _advice(published, work.keyring.trusted.root))
    return wrong or unreadable(vault, head, brought(vault, commits))


def resigning(base: str) -> str:
    """The command that makes all commits since that one anew, signed by whoever runs it."""
    return f"git rebase --force-rebase --rebase-merges {base[:12]}"


def _advice(published: str | None, root: str) -> Advice:
    def advice(kind: str) -> str | None:
        if kind == UNAUTHORISED:
            return _(
                "`git rebase --onto {commit}^ {commit}` drops it; once others have it, an admin's `crm undo {commit}`."
            )
        if kind == "unsigned":
            command = resigning(published or root)
            return _("`{command}` signs it anew; then `crm sync` again.").format(command=command)
        return _hint(published) if published else None

    return advice


def _hint(published: str) -> str:
    hint = _(
        "`git reset --soft {tip}`, then `crm commit`: what you have changed since is sealed and signed anew, in one."
    )
    return hint.format(tip=published[:12])


def scan_outgoing(work: Workplace, published: str | None) -> tuple[Finding, ...]:
    """Clear text in any version of a customer's file that the remote does not have yet. What the history had before the
    vault was sealed was said when it was."""
    if work.keyring is None:
        return ()
    root = work.keyring.trusted.root
    commits = commits_of(work.vault, "HEAD", [*([published] if published else []), f"{root}^@"])
    hint = _("`git rebase -i {commit}^` rewrites that commit before anything is published.")
    fields = fields_at(work, work.vault.git().head() or "HEAD")  # a merge may have brought other levels
    return tuple(clear_in(work, brought(work.vault, commits), fields, _hint(published) if published else hint))


def clear_in(work: Workplace, files: Iterable[Brought], fields: Fields, hint: str | None = None) -> Iterator[Finding]:
    """Clear text in these versions of customers' files, each named with its commit, which `hint` may name. `fields`: the
    levels that they are held to."""
    prefix = work.vault.prefix
    ours = [one for one in files if _is_customers(one.path.removeprefix(prefix)) and one.path.startswith(prefix)]
    for one, data in texts_of(work.vault, ours):
        yield from _named(one, hint, _of(fields, one.path.removeprefix(prefix), data))


def _is_customers(path: str) -> bool:
    parts = path.split("/")
    return len(parts) > 1 and parts[0] == FOLDER and parts[1] not in APART and not parts[-1].startswith(".git")


def _of(fields: Fields, path: str, data: bytes | None) -> list[Finding]:
    if data is None or data is OVERSIZE or number_at(path) is None:
        return [Finding(_("This is not a customer's file."), Where(path), damaged=True)]
    try:
        return in_clear(path, data, parse(data, path), fields.values(), lower=True)
    except CrmError as error:
        return list(error.findings) or [Finding(error.message, error.where or Where(path), damaged=True)]


def _named(one: Brought, hint: str | None, found: Iterable[Finding]) -> Iterator[Finding]:
    short = one.commit[:12]
    for finding in found:
        said = _("{message} (commit {commit})").format(message=finding.message, commit=short)
        yield Finding(said, finding.where, hint=hint.format(commit=short) if hint else None, damaged=True)
