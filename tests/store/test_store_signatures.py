"""What was signed is told apart from the signature exactly as git does it, in every kind of commit."""

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ONE, TWO, git, make_vault, put
from desk import write
from signed import let_git_judge, new_key, public, signing_vault

from crmcli.errors import Damaged
from crmcli.sealing.sshsig import sign, signer_of
from crmcli.store import signatures
from crmcli.store.signatures import raw_commits, unsigned
from crmcli.store.signing import options
from crmcli.store.transaction import Change
from crmcli.store.vault import Vault


@pytest.fixture(params=["sha1", "sha256"])
def signing(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """A vault that signs, in a repository of either kind."""
    vault = make_vault(tmp_path / "vault", f"--object-format={request.param}")
    vault = signing_vault(vault, new_key(tmp_path / "keys"))
    assert vault.signing
    let_git_judge(vault, vault.signing.key)
    return vault


def hashes(vault: Vault) -> list[str]:
    return git(vault.root, "rev-list", "--all").split()


def signer(raw: bytes) -> bytes | None:
    signature, message = unsigned(raw)
    return signer_of(signature or "", message)


def by_hand(vault: Vault, *args: str) -> None:
    """git as a person runs it who signs with the same key."""
    assert vault.signing
    git(vault.root, *options(vault.signing, vault.lock_path.parent), *args)


def stored(vault: Vault, raw: bytes) -> str:
    """A commit of exactly these bytes; its hash."""
    put_in = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    return subprocess.run(put_in, input=raw, cwd=vault.root, capture_output=True, check=True).stdout.decode().strip()


def gits_verdict(vault: Vault, commit: str) -> bool:
    said = subprocess.run(["git", "verify-commit", "--raw", commit], cwd=vault.root, capture_output=True, check=False)
    return said.returncode == 0


def test_bytes_come_in_the_order_asked_for(signing: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "_PORTION", 2)
    for n in range(4):
        write(signing, Change(ONE, f"a: {n}\n".encode()))
    asked = sorted(hashes(signing))
    found = list(raw_commits(signing, asked))
    assert [name for name, _raw in found] == asked
    for name, raw in found:
        assert raw.decode() == git(signing.root, "cat-file", "commit", name)
    assert list(raw_commits(signing, [])) == []


def test_a_commit_without_a_signature_is_told_as_it_is(signing: Vault) -> None:
    ((_name, raw),) = raw_commits(signing, hashes(signing))
    assert unsigned(raw) == (None, raw)


def test_what_is_signed_again_is_the_same_signature(signing: Vault) -> None:
    write(signing, Change(ONE, b"a: 1\n"))
    raw = dict(raw_commits(signing, hashes(signing)))[git(signing.root, "rev-parse", "HEAD").strip()]
    signature, message = unsigned(raw)
    assert signing.signing
    assert sign(signing.signing.key.read_bytes(), message) == signature
    assert len(raw) > len(message) > 0


def history_of_every_kind(vault: Vault) -> None:
    """Plain ones, one in another encoding, a merge, a merge of a signed tag (its text goes into the commit)."""
    write(vault, Change(ONE, b"a: 1\n"))
    by_hand(vault, "-c", "i18n.commitEncoding=GBK", "commit", "-q", "--allow-empty", "-m", "王芳")
    by_hand(vault, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    by_hand(vault, "commit", "-q", "--allow-empty", "-m", "gpgsig\n\ngpgsig is not a header here\n gpgsig\n")
    for name in ("plain", "tagged"):
        git(vault.root, "checkout", "-q", "-b", name, "HEAD~1")
        put(vault.root, TWO, f"b: {name}\n")
        git(vault.root, "add", TWO)
        by_hand(vault, "commit", "-q", "-m", name)
        by_hand(vault, "tag", "-s", "-m", "a tag\n\ngpgsig in it", f"v-{name}")
        git(vault.root, "checkout", "-q", "main")
        by_hand(
            vault, "merge", "-q", "--no-ff", "-X", "theirs", "-m", "merge", f"v-{name}" if name == "tagged" else name
        )


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is the judge here")
def test_git_agrees_on_every_kind_of_commit(signing: Vault) -> None:
    history_of_every_kind(signing)
    assert signing.signing
    key = public(signing.signing.key)
    found = dict(raw_commits(signing, hashes(signing)))
    assert sum(b"\nmergetag " in raw for raw in found.values()) == 1
    assert sum(b"\nencoding " in raw for raw in found.values()) == 1
    verdicts = {name: signer(raw) == key for name, raw in found.items()}
    assert sum(verdicts.values()) == len(found) - 1  # the very first is not signed
    assert verdicts == {name: gits_verdict(signing, name) for name in found}


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is the judge here")
def test_git_agrees_on_altered_commits(signing: Vault) -> None:
    write(signing, Change(ONE, b"a: 1\n"))
    raw = dict(raw_commits(signing, hashes(signing)))[git(signing.root, "rev-parse", "HEAD").strip()]
    name = b"gpgsig" if signing.algorithm == "sha1" else b"gpgsig-sha256"
    other = b"gpgsig-sha256" if signing.algorithm == "sha1" else b"gpgsig"
    altered = {
        raw: True,
        raw.replace(b"tier", b"name"): False,
        raw.replace(b"Synthetic", b"Other"): False,
        raw.replace(b"\n\n", b"\nencoding GBK\n\n", 1): False,
        raw.replace(b"\n" + name, b"\n" + other): False,
        raw.replace(b"\n" + name, b"\n" + other + b" x\n y\n" + name): True,  # left out of what is signed
        raw.replace(b"\n" + name, b"\nsigned x\n" + name): False,
        raw[: raw.index(b"\n" + name)] + raw[raw.index(b"\n\n") :]: False,
    }
    commits = dict(raw_commits(signing, [stored(signing, text) for text in altered]))
    assert len(commits) == len(altered)
    assert [signer(text) is not None for text in commits.values()] == list(altered.values())
    assert [gits_verdict(signing, name) for name in commits] == list(altered.values())


@pytest.mark.parametrize("planted", [b"gpgsigned x", b"gpgsig-sha512 x\n y", b"gpgsig", b"%s x", b"%s -----BEGIN\n x"])
def test_a_second_signature_or_what_looks_like_one_is_an_alteration(planted: bytes, signing: Vault) -> None:
    write(signing, Change(ONE, b"a: 1\n"))
    raw = dict(raw_commits(signing, hashes(signing)))[git(signing.root, "rev-parse", "HEAD").strip()]
    name = b"gpgsig" if signing.algorithm == "sha1" else b"gpgsig-sha256"
    header = planted.replace(b"%s", name)
    assert signer(raw)
    assert signer(raw.replace(b"\n" + name, b"\n" + header + b"\n" + name)) is None
    assert signer(raw.replace(b"\n\n", b"\n" + header + b"\n\n", 1)) is None


def test_what_is_not_there_or_no_commit_is_damage(signing: Vault) -> None:
    head = git(signing.root, "rev-parse", "HEAD").strip()
    tree = git(signing.root, "rev-parse", "HEAD^{tree}").strip()
    for name in ("0" * len(head), tree):
        with pytest.raises(Damaged) as failed:
            list(raw_commits(signing, [head, name]))
        assert (failed.value.exit, name[:12] in failed.value.message) == (7, True)


def test_a_replaced_commit_is_seen_as_it_was(signing: Vault) -> None:
    write(signing, Change(ONE, b"a: 1\n"))
    head, before = hashes(signing)[:2]
    git(signing.root, "replace", head, before)
    ((name, raw),) = raw_commits(signing, [head])
    assert name == head
    assert signing.signing
    assert signer(raw) == public(signing.signing.key)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\n\n", b" x", b"gpgsig", b"gpgsig \xff\n \n\n", b"tree x\n y\n"])
def test_no_bytes_make_it_stumble(raw: bytes) -> None:
    signature, message = unsigned(raw)
    assert signer_of(signature or "", message) is None
    assert signature is not None or b"gpgsig" in raw or message == raw
