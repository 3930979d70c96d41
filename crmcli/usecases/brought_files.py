"""Customers' files that commits brought and that stand at HEAD, looked at as `crm check` does: whether each can be read at
all. Signed they may be, and by whoever may; nobody's crm can work with them. Reads only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crmcli.errors import CrmError, Finding
from crmcli.model.identity import number_at
from crmcli.store.records import source_of
from crmcli.store.spans import brought, texts_of
from crmcli.text import _
from crmcli.usecases.house_rules import load
from crmcli.usecases.records import findings_of, record_of
from crmcli.usecases.workplace import Workplace


def unfit(work: Workplace, commits: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with these files under the house rules that stand there, each with the commit."""
    vault, prefix = work.vault, work.vault.prefix
    files = [one for one in brought(vault, commits) if number_at(one.path.removeprefix(prefix))] if commits else []
    files = [one for one in files if one.path.startswith(prefix)]
    heads = vault.git().stands(f"HEAD:{one.path}" for one in files) if files else ()
    standing = [one for one, blob in zip(files, heads, strict=True) if blob == one.blob]
    try:
        work = replace(work, house=load(vault)) if standing else work
    except CrmError as error:
        yield from findings_of(error)
        return
    for one, data in texts_of(vault, standing):
        for finding in _of(work, one.path.removeprefix(prefix), data or b""):
            said = _("{message} (commit {commit})").format(message=finding.message, commit=one.commit[:12])
            yield replace(finding, message=said)


def _of(work: Workplace, path: str, data: bytes) -> Sequence[Finding]:
    try:
        source = source_of(path, data)
        record_of(work, path, data, source.tree, source.lines)
    except CrmError as error:
        return findings_of(error)
    return ()
