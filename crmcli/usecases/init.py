"""Make a vault: house rules, schemas, keys, git attributes, hook, first commit. Asks nothing, overwrites nothing."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from io import StringIO
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML

from crmcli.errors import Conflict, Failure, Where, invalid
from crmcli.model.derive import catalog
from crmcli.model.findings import findings
from crmcli.model.house import CustomFields, Settings, settings_of
from crmcli.model.identity import new_uid, number_at
from crmcli.model.team import PATH
from crmcli.sealing.leaves import Levels
from crmcli.sealing.vault_sealer import VaultSealer
from crmcli.store import attributes, merge_driver, plain_signing, stale
from crmcli.store import vault as vaults
from crmcli.store.git import Git
from crmcli.store.homes import Homes
from crmcli.store.hooks import install
from crmcli.store.transaction import Change, Stamp, writing
from crmcli.store.vault import Vault
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.change import Outcome, message
from crmcli.usecases.founding import found
from crmcli.usecases.init_place import existing, refuse_place
from crmcli.usecases.keyring import own_identity, signing
from crmcli.usecases.resources import shipped
from crmcli.usecases.schemas import schema_files
from crmcli.usecases.trust import trusted

FLAGS = {"true": True, "false": False}  # so that they stand there without quotes
SETTINGS, CUSTOM = "schemas/vault.yaml", "schemas/custom-fields.yaml"
# Customer files reach git byte for byte; rows an import rejected hold personal data and stay out of it.
# They are united field by field; plans, certificates and house rules never by a machine.
GIT_LINES = {
    ".gitattributes": b"records/** -text merge=crm\n"
    b"records/plans/** -text -merge\n"
    b"records/purged/** -text -merge\n"
    b"schemas/** -text -merge\n",
    ".gitignore": b"*.rejected*.csv\n",
}


def init(
    folder: Path,
    env: Mapping[str, str],
    now: datetime,
    *,
    turned: bool = False,
    homes: Homes | None = None,
    settings: Mapping[str, str] | None = None,
    samples: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Make `folder` a vault, in a new git repository or the one it is in; Conflict where it is one already, or where a
    file would be overwritten or somebody's uncommitted lines committed; otherwise as `refuse_place`.

    homes     where the keys of a sealed vault are kept; without them the vault is an open one
    settings  overrides of `vault.yaml`: language, currency, time_zone, rehearsal
    """
    _refuse_second(folder, env)
    refuse_place(folder, env, homes)
    files = _files({**(settings or {}), "sealing": "true" if homes else "false"}, samples=samples)
    _refuse_taken(folder, files)
    numbers = tuple(path for path in files if path.startswith("records/"))
    if dry_run:
        return Outcome(None, numbers, data={"path": str(folder)}, dry_run=True)
    ident = _somebody(folder, env)
    _make_folder(folder)
    stale.clear_init(folder)
    vault = vaults.create(folder, parse(files[SETTINGS], SETTINGS).tree, env)
    if homes:
        vault, files = _sealed(vault, homes, ident, files)
    changes = [Change(path, data) for path, data in {**files, **with_git_lines(folder)}.items()]
    known = any(vault.git().stands(f":./{name}" for name in GIT_LINES))
    with writing(vault, "init") as desk:
        commit = desk.commit(changes, message("init", "init: new vault", ()), Stamp(now, turned), adopt=not known)
    if homes:
        trusted(vault, homes)
        install(vault)
    _tell_git(vault)
    return Outcome(commit, numbers, data={"path": str(folder), "id": vault.id})


def _tell_git(vault: Vault) -> None:
    """What no clone inherits: how git merges, checks out and signs here."""
    merge_driver.put_in_place(vault)
    attributes.put_in_place(vault.root, vault.env, exact=True)
    plain_signing.put_in_place(vault)


def _sealed(vault: Vault, homes: Homes, ident: str, files: Mapping[str, bytes]) -> tuple[Vault, dict[str, bytes]]:
    """The vault whose commits are signed, and its files with the first admin listed and customers sealed."""
    founded = found(vault.id, homes, own_identity(homes), ident, files[PATH])
    custom = CustomFields.model_validate(parse(files[CUSTOM], CUSTOM).tree).fields
    sealer = VaultSealer(founded.keyring, Levels({field.key: field.level for field in catalog(custom)}))
    made = {path: render(sealer.seal(parse(data, path).tree)) for path, data in files.items() if number_at(path)}
    founded.keyring.keep()
    return replace(vault, signing=signing(homes)), {**files, **founded.files, **made}


def _refuse_second(folder: Path, env: Mapping[str, str]) -> None:
    """A vault stays as it is; one whose making was interrupted is taken back by recovery first."""
    if (folder / SETTINGS).exists():
        with writing(vaults.at(folder, env), "init"):
            pass
    if (folder / SETTINGS).exists():
        raise Conflict(_("There is a vault in {folder} already.").format(folder=folder), kind="exists")


def _refuse_taken(folder: Path, files: Mapping[str, bytes]) -> None:
    for path in files:
        if os.path.lexists(folder / path):
            raise Conflict(
                _("{path} is there already, and a new vault would overwrite it.").format(path=path),
                hint=_("Move it away, or make the vault in another folder."),
                where=Where(str(folder / path)),
                kind="exists",
            )


def _somebody(folder: Path, env: Mapping[str, str]) -> str:
    """Who makes the vault; without a name for the first commit nothing is made at all."""
    return Git(existing(folder), env).ident()


def _files(settings: Mapping[str, str], *, samples: bool) -> dict[str, bytes]:
    """Every file of the new vault, the settings first: recovery finds an interrupted vault by them."""
    rules = shipped("schemas", "*.yaml")
    first = {SETTINGS: _settings(rules.pop(SETTINGS), settings)}
    return {**first, **rules, **schema_files(), **(shipped("records", "*.yaml") if samples else {})}


def _settings(template: bytes, wanted: Mapping[str, str]) -> bytes:
    """The settings with a fresh id and what was wanted otherwise, comments kept."""
    yaml = YAML()
    yaml.preserve_quotes = True
    tree = yaml.load(template.decode())
    tree.update({"id": new_uid(), **{name: FLAGS.get(value, value) for name, value in wanted.items()}})
    out = StringIO()
    yaml.dump(tree, out)
    try:
        settings_of(parse(out.getvalue().encode(), SETTINGS).tree)
    except ValidationError as error:
        raise invalid(findings(error, Settings)) from None
    return out.getvalue().encode()


def with_git_lines(folder: Path, names: Iterable[str] = tuple(GIT_LINES)) -> dict[str, bytes]:
    """git's own files with our lines added to what stands there; those that have them left out."""
    found = {}
    for name in names:
        line = GIT_LINES[name]
        path = folder / name
        old = path.read_bytes() if path.is_file() else b""
        if line not in old:
            found[name] = old + (b"" if not old or old.endswith(b"\n") else b"\n") + line
    return found


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(_("{folder} can't be made: {reason}.").format(folder=folder, reason=error.strerror)) from None
