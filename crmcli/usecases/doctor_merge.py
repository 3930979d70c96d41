"""What `crm doctor` looks at so that git merges customers' files by meaning: its setting here, and what the vault says
of its files. Mends both; the second is a commit."""

from collections.abc import Iterator

from crmcli.store.merge_driver import NAME, driver_state, install
from crmcli.store.records import FOLDER
from crmcli.store.transaction import Change, writing
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.change import message
from crmcli.usecases.health import Check
from crmcli.usecases.init import GIT_LINES, with_git_lines
from crmcli.usecases.workplace import Workplace

ATTRIBUTES = ".gitattributes"
# Any customer's file, and any of what no machine may unite: what git would do with it.
_WANTED = {
    f"{FOLDER}/2024/05/C20240510001.yaml": NAME,
    f"{FOLDER}/plans/2024-05-10.yaml": "unset",
    f"{FOLDER}/purged/2024/05/C20240510001.yaml": "unset",
    "schemas/access.yaml": "unset",
}


def driver(vault: Vault, *, mend: bool) -> Iterator[Check]:
    """Whether git knows how to merge a customer's file."""
    if driver_state(vault) == "ours":
        yield Check("merge driver", "ok", _("git merges customers' files field by field."))
    elif mend:
        install(vault)
        yield Check("merge driver", "mended", _("git did not know how to merge customers' files."))
    else:
        said = _("git does not know how to merge customers' files, or asks another installation of crm.")
        yield Check("merge driver", "problem", said, _("`crm doctor --fix` mends it."))


def attributes(work: Workplace, *, mend: bool) -> Iterator[Check]:
    """Whether the vault's files ask for it. Mended by a commit, signed where the vault is sealed."""
    if _asked(work.vault):
        yield Check("merge attributes", "ok", _("The vault's files say how they are merged."))
        return
    if mend:
        if work.keyring:
            work.keyring.refuse_stranger()
        with writing(work.vault, "doctor") as desk:
            lines = with_git_lines(work.root, (ATTRIBUTES,))
            changes = [Change(path, data) for path, data in lines.items()]
            desk.commit(changes, message("doctor", "doctor: git attributes", ()), work.stamp)
    if _asked(work.vault):
        yield Check("merge attributes", "mended", _("The vault's files did not say how they are merged."))
        return
    said = _("The vault's files do not say how they are merged.")
    hint = _("`crm doctor --fix` adds these lines to {path} and commits them:\n{lines}")
    ours = GIT_LINES[ATTRIBUTES].decode().strip()
    yield Check("merge attributes", "warning", said, hint.format(path=ATTRIBUTES, lines=ours))


def _asked(vault: Vault) -> bool:
    """Whether the committed lines say so, for whoever clones the vault, and git here does it."""
    if with_git_lines(vault.root, (ATTRIBUTES,)):
        return False
    said = vault.git().run("check-attr", "-z", "merge", "--", *_WANTED).decode("utf-8", "surrogateescape").split("\0")
    return said[2::3] == list(_WANTED.values())
