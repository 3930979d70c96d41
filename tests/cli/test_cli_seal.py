"""`crm seal`: an open vault becomes a sealed one; in a sealed one it takes in nothing that nobody vouches for."""

import json
from pathlib import Path

import pytest
from conventions import WANG, Crm

from crmcli.cli import boundary
from crmcli.model.sealed import is_token
from crmcli.store.yamlread import parse

pytest_plugins = ["conventions"]


def tree(folder: Path, path: str = WANG) -> dict[str, object]:
    return dict(parse((folder / path).read_bytes(), path).tree)


@pytest.fixture
def sealed(crm: Crm) -> Crm:
    assert crm("seal", "--yes").exit == 0
    return crm


def test_an_open_vault_becomes_a_sealed_one_in_one_commit(crm: Crm) -> None:
    before = crm.git("rev-parse", "HEAD")
    shown = json.loads(crm("show", "王芳", "--format", "json").out)["data"]
    assert crm("seal", "--yes").out.startswith("Sealed 2 customers.")
    assert crm.git("rev-parse", "HEAD~1") == before
    found = tree(crm.folder)
    assert is_token(str(found["name"]))
    assert is_token(str(found["phone"]))
    assert found["source"] == "store"
    assert crm.git("status", "--porcelain") == ""
    again = json.loads(crm("show", "王芳", "--format", "json").out)["data"]
    assert again["name"] == shown["name"]
    assert crm("check").exit == 0


def test_it_is_said_that_the_history_keeps_what_it_has_and_what_to_do(crm: Crm) -> None:
    told = crm("seal")
    assert told.exit == 5
    assert "git filter-repo --force --invert-paths --path records/" in told.err
    assert "in clear, for ever" in told.err
    assert "an old clone that somebody keeps still has everything.\n" in told.err  # to its end
    assert "error: Sealing the vault must be confirmed.\nhint: Add --yes." in told.err


def test_comments_must_go_first(crm: Crm) -> None:
    crm.change(WANG, "source: store", "source: store # 下月结婚")
    crm.keep()
    assert "remarks" in crm.stopped_by("seal", "--yes")


def test_sealing_again_changes_nothing(sealed: Crm) -> None:
    head = sealed.git("rev-parse", "HEAD")
    assert sealed("seal").exit == 0
    assert sealed.git("rev-parse", "HEAD") == head


def test_what_somebody_committed_in_clear_is_sealed_only_by_name(sealed: Crm) -> None:
    token = str(tree(sealed.folder)["phone"])
    sealed.change(WANG, token, '"+8613600136000"')
    sealed.git("commit", "-q", "-a", "--no-verify", "--no-gpg-sign", "-m", "by hand")
    told = sealed("seal")
    assert (told.exit, tree(sealed.folder)["phone"]) == (7, "+8613600136000")
    assert "13600136000" not in told.err
    assert "1 customer holds committed clear text" in told.out
    assert "`crm seal C20240510001`" in told.out
    assert "Nothing to change" not in told.out
    assert sealed("seal", "C20240510001").exit == 0
    assert is_token(str(tree(sealed.folder)["phone"]))
    assert sealed("check").exit == 0


def test_a_raised_level_is_sealed_at_once(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (sealed.folder / "schemas/access.yaml").read_text().replace('serial: "1"', 'serial: "2"')
    sealed.put("schemas/access.yaml", text + "levels:\n  region: internal\n")
    assert boundary.main(["commit", "--quiet"]) == 0
    assert sealed("check").exit == 7
    assert sealed("seal").exit == 0
    assert is_token(str(tree(sealed.folder)["region"]))
    assert sealed("check").exit == 0


def test_an_open_vault_has_nothing_to_audit(crm: Crm) -> None:
    assert crm.refused("audit", exit=5).error["kind"] == "open-vault"


def test_a_sealed_vault_is_never_an_open_one_again(sealed: Crm) -> None:
    sealed.change("schemas/vault.yaml", 'sealing: "true"', "sealing: false")
    sealed.change("schemas/vault.yaml", "id: ", "id: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ # ")
    (sealed.folder / "schemas/keys.yaml").unlink()
    sealed.git("commit", "-q", "-a", "--no-verify", "--no-gpg-sign", "-m", "by hand")
    assert sealed.refused("add", "--kind", "individual", "--name", "何静", exit=7).error["kind"] == "unsealed"
