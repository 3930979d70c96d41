"""What people can do about what a destruction left: advice that fits the place. Pure."""

from collections.abc import Collection, Sequence
from shlex import quote

from crmcli.errors import Finding
from crmcli.model.identity import record_path
from crmcli.store.vault import Vault
from crmcli.text import _, n_

FEW = 5


def rewrite(vault: Vault, numbers: Sequence[str], shared: Collection[str] = ()) -> str:
    """How the customers' files go from git's history; of shared numbers another customer's versions stand in the same
    place, and must stay."""
    own, others = ([one for one in numbers if (one in shared) == apart] for apart in (False, True))
    said = [rewrite_paths(vault, [record_path(one) for one in own])] if own or not others else []
    if others:
        words = _(
            "{numbers} was another customer's number, too: only `git filter-repo --strip-blobs-with-ids FILE` removes "
            "the right versions; FILE lists their hashes, and every clone is made anew."
        )
        said.append(words.format(numbers=listed(others)))
    return "\n".join(said)


def rewrite_paths(vault: Vault, paths: Sequence[str]) -> str:
    """How files go from git's history; only a few are spelled out."""
    words = " ".join(f"--path {quote(vault.prefix + path)}" for path in paths[:FEW])
    more = " …" if len(paths) > FEW else ""
    said = _("Only rewriting the history removes it; every commit hash changes and every clone is made anew: {command}")
    return said.format(command=f"git filter-repo --invert-paths {words}{more}")


def listed(numbers: Sequence[str]) -> str:
    """A few of these numbers."""
    return ", ".join(numbers[:FEW]) + (" …" if len(numbers) > FEW else "")


def delete(path: str) -> str:
    """How a single file goes."""
    return _("`rm {path}` removes it.").format(path=quote(path))


def strip(blob: str) -> str:
    """How the content of a file that is none of ours goes from git's history."""
    said = _(
        "`git log --all --find-object={blob}` tells where it is from; `git filter-repo --invert-paths` removes it."
    )
    return said.format(blob=blob)


def in_clear(vault: Vault, numbers: Sequence[str], shared: Collection[str] = ()) -> tuple[Finding, ...]:
    """That the history holds values of these customers in clear; nothing where there are none."""
    if not numbers:
        return ()
    return (Finding(clear_words(numbers), hint=rewrite(vault, numbers, shared), severity="warning"),)


def clear_words(numbers: Sequence[str]) -> str:
    """The same in words."""
    said = n_(
        "The history holds values of {numbers} in clear; no destroyed key reaches these.",
        "The history holds values of {count} customers in clear; no destroyed key reaches these: {numbers}.",
        len(numbers),
    )
    return said.format(count=len(numbers), numbers=listed(numbers))
