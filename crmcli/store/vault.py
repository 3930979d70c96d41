"""Where a vault lies: its folder, its id, and the git repository around it. Makes the repository for a new one.

Never reads a customer file and never writes below the vault's folder.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmcli.errors import Damaged, NotFound, Where
from crmcli.store.files import read_record
from crmcli.store.git import Git, Places
from crmcli.store.signing import Signing
from crmcli.store.yamlread import parse
from crmcli.text import _

SETTINGS = "schemas/vault.yaml"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # it names folders inside the git dir


@dataclass(frozen=True, slots=True)
class Vault:
    """One vault.

    root        the folder that holds schemas/vault.yaml
    id          from there
    settings    vault.yaml as a plain tree
    top         top folder of the work tree
    git_dir     of this work tree; common_dir: shared by all work trees
    prefix      the way from the top of the work tree to root: "" or "sub/folder/"
    algorithm   "sha1" or "sha256"
    env         environment of git children
    patience    seconds that a write waits for its turn
    signing     the key every commit is signed with; None: as people have configured git
    also        commits that came and were not merged yet, whose histories count as if they were
    """

    root: Path
    id: str
    settings: Mapping[str, Any]
    top: Path
    git_dir: Path
    common_dir: Path
    prefix: str
    algorithm: str
    env: Mapping[str, str]
    patience: float = 60.0
    signing: Signing | None = None
    also: tuple[str, ...] = ()

    @property
    def state(self) -> Path:
        """Private folder of this work tree: journal and index."""
        return self.git_dir / "crm" / self.id

    @property
    def shared(self) -> Path:
        """Private folder that all work trees share: the marks of numbers handed out."""
        return self.common_dir / "crm" / self.id

    @property
    def lock_path(self) -> Path:
        """The lock of the whole repository: its vaults share one git index and one HEAD."""
        return self.common_dir / "crm" / "lock"

    def git(self, lock_fd: int | None = None) -> Git:
        """git in the vault's folder."""
        return Git(self.root, self.env, lock_fd)

    def changed_by_hand(self, folders: Sequence[str]) -> list[str]:
        """Paths below these folders of the vault that are new or not as in HEAD (work tree or index), in order."""
        said = self.git().run(
            *("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--"),
            *(f":(top,literal){self.prefix}{folder}" for folder in folders),
        )
        lines = said.decode("utf-8", "surrogateescape").split("\0")
        return sorted(line[3:].removeprefix(self.prefix) for line in lines if line)


def find(start: Path, env: Mapping[str, str]) -> Vault:
    """The vault in `start` or the nearest folder above it; NotFound when there is none."""
    folder = above(start)
    if folder:
        return at(folder, env)
    raise NotFound(
        _("There is no vault in {folder} or above it.").format(folder=start.absolute()),
        hint=_("`crm init` makes one; `--vault DIR` or CRM_VAULT names one elsewhere."),
        kind="no-vault",
    )


def above(start: Path) -> Path | None:
    """The folder of the vault, which may be `start` itself or one above it; None where there is none."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / SETTINGS).is_file()), None)


def at(root: Path, env: Mapping[str, str]) -> Vault:
    """The vault in exactly this folder. NotFound where there is none or no git repository around it, Damaged where its
    id cannot be one, Invalid where vault.yaml does not hold."""
    root = root.absolute()
    if not (root / SETTINGS).is_file():
        raise NotFound(
            _("There is no vault in {folder}.").format(folder=root), hint=_("`crm init` makes one."), kind="no-vault"
        )
    settings = parse(read_record(root, SETTINGS), SETTINGS).tree
    return _vault(root, settings, Git(root, env).places(), env)


def create(root: Path, settings: Mapping[str, Any], env: Mapping[str, str]) -> Vault:
    """A vault whose vault.yaml is still to be written: in the repository around `root`, or in a new one made there."""
    root = root.absolute()
    git = Git(root, env)
    try:
        places = git.places()
    except NotFound:
        git.run("init", "--quiet")
        places = git.places()
    return _vault(root, settings, places, env)


def _vault(root: Path, settings: Mapping[str, Any], places: Places, env: Mapping[str, str]) -> Vault:
    name = settings.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise Damaged(_("The vault has no proper id."), where=Where(SETTINGS, field="id"), hint="id: 4Z8K2M9QXA7PDR1T")
    common, prefix = places.common_dir, places.prefix
    return Vault(root, name, settings, places.top, places.git_dir, common, prefix, places.algorithm, env)
