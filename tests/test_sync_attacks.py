"""`crm sync` against what a teammate, a host or bad luck puts in its way."""

import subprocess
from pathlib import Path

import pytest
import test_sync
from people import REMOTE, Person
from test_sync import CUSTOMER, ONE, PATHS, TWO, same, synced

from crmcli.sealing.sshsig import sign
from crmcli.usecases import sync as module

met, pair = test_sync.met, test_sync.pair
CUSTOM = "schemas/custom-fields.yaml"
SHOE = "\n  shoe:\n    type: line\n    zh: 鞋码\n    en: Shoe\n    level: {level}\n"
NEW = "kind: individual\nname: 秘密人\nphone: '+8613777777777'\nsource: store\nregion: 上海市/浦东新区\n"


def tip(person: Person) -> str:
    return person.git("ls-remote", "origin", "refs/heads/main").split()[0]


@pytest.fixture
def open_pair(tmp_path: Path) -> tuple[Person, Person]:
    """Two clones of an open vault; the first one has sealed and published it."""
    ann, bob = Person(tmp_path, "ann"), Person(tmp_path, "bob")
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / REMOTE)], env=ann.env(), check=True)
    ann.folder.mkdir(parents=True)
    ann.done("init", ".", "--rehearsal", "--unsealed", at=ann.folder)
    ann.done("add", "--file", "-", stdin=CUSTOMER.format(n=1).encode())
    ann.git("remote", "add", "origin", f"../../{REMOTE}")
    ann.done("sync")
    bob.clone().done("sync")
    return ann, bob


def test_clear_text_of_a_clone_that_is_still_open_is_not_published(open_pair: tuple[Person, Person]) -> None:
    ann, bob = open_pair
    bob.done("add", "--file", "-", stdin=NEW.encode())
    ann.done("seal", "--yes")
    ann.done("sync")
    sealed = tip(ann)
    said = bob.refused(4, "sync")
    assert "sealed meanwhile" in said
    assert f"git reset --hard {sealed[:12]}" in said
    assert tip(ann) == sealed


def test_a_clone_that_is_still_open_follows_into_the_sealed_vault(open_pair: tuple[Person, Person]) -> None:
    ann, bob = open_pair
    ann.done("seal", "--yes")
    ann.done("sync")
    told = bob("sync")
    assert (told.exit, bob.head()) == (0, ann.head())
    assert "sealed meanwhile" in told.err
    assert bob.git("status", "--porcelain") == ""


def test_what_others_must_refuse_is_not_published(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", TWO, "--set", "tier=diamond")
    zhao.done("sync")
    li.change(PATHS[ONE], "source: store", "source: referral")
    by_hand = li.keep()
    before = tip(zhao)
    told = li("sync")
    assert told.exit == 7
    assert by_hand[:12] in told.err
    command = f"rebase --force-rebase --rebase-merges {before[:12]}"
    assert f"`git {command}`" in told.err
    assert tip(zhao) == before
    li.git(*command.split())
    synced(li, zhao)
    same(zhao, li)
    assert "referral" in (zhao.folder / PATHS[ONE]).read_text()


def _five(zhao: Person) -> list[str]:
    for n in range(3, 8):
        zhao.done("add", "--file", "-", stdin=CUSTOMER.format(n=n).replace("王样例", f"样例{n}").encode())
    return [f"C2024051000{n}" for n in range(1, 6)]


def test_customers_deleted_without_certificates_do_not_go_in_silence(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    _five(zhao)
    synced(zhao, li)
    li.git("rm", "-q", "-r", "records")
    commit = li.keep_signed()
    li.push()
    said = zhao.refused(4, "sync")
    assert "without a certificate" in said
    assert commit[:12] in said
    assert "li.na" in said
    assert zhao.done("show", ONE)
    zhao.pull().done("sync")  # what the hint says for one who means it


def test_one_customer_deleted_is_named(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    li.git("rm", "-q", PATHS[ONE])
    commit = li.keep_signed()
    li.push()
    told = zhao("sync")
    assert told.exit == 0
    assert ONE in told.err
    assert commit[:12] in told.err


def _define(person: Person, level: str) -> None:
    path = person.folder / CUSTOM
    path.write_text(path.read_text().rstrip("\n") + SHOE.format(level=level))
    person.done("commit")


@pytest.mark.parametrize("level", ["open", "internal"])
@pytest.mark.parametrize("apart", [False, True])
def test_a_new_custom_field_and_its_values_arrive(pair: tuple[Person, Person], level: str, apart: bool) -> None:
    zhao, li = pair
    _define(zhao, level)
    if apart:
        zhao.done("sync")
    zhao.done("update", ONE, "--set", "custom.shoe=41")
    synced(zhao, li)
    same(zhao, li)
    assert "41" in li.done("show", ONE)


def test_a_value_written_in_clear_before_its_level_was_raised(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    _define(zhao, "open")
    synced(zhao, li)
    li.done("update", TWO, "--set", "custom.shoe=41")
    zhao.change(CUSTOM, SHOE.format(level="open"), SHOE.format(level="confidential"))
    zhao.done("commit")
    zhao.done("sync")
    before = tip(zhao)
    told = li("sync")
    assert told.exit == 7
    assert tip(zhao) == before
    assert f"git reset --soft {before[:12]}" in told.err
    li.git("reset", "--soft", before)
    li.done("commit")
    synced(li, zhao)
    same(zhao, li)
    assert "41" in zhao.done("show", TWO)
    assert "41" not in str(zhao.tree(PATHS[TWO])["custom"]["shoe"])[:3]


def _with(person: Person, *entries: str, without: str = "") -> str:
    """A tree like HEAD's with more entries."""
    raw = [one for one in person.git("ls-tree", "-z", "HEAD").split("\0")[:-1] if one.split("\t")[1] != without]
    return person.git("mktree", "-z", stdin=("\0".join([*raw, *entries]) + "\0").encode()).strip()


def _publish(person: Person, tree: str) -> str:
    """A commit that the person signed with this tree."""
    made = _signed(person, tree)
    person.git("push", "-q", "-f", "origin", f"{made}:refs/heads/main")
    return made


def _signed(person: Person, tree: str) -> str:
    ident = f"{person.name} <{person.email}> 1715304600 +0800"
    head = [f"tree {tree}", f"parent {person.head()}", f"author {ident}", f"committer {ident}"]
    armored = sign((person.config / "signing.key").read_text(), "\n".join([*head, "", "x\n"]).encode())
    text = "\n".join([*head, "gpgsig " + armored.strip().replace("\n", "\n "), "", "x\n"])
    return person.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode()).strip()


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "link", "sub", "records"])
def test_what_is_no_file_is_named_each_time_and_never_taken_for_known(pair: tuple[Person, Person], name: str) -> None:
    zhao, li = pair
    start = zhao.head()
    blob = li.git("hash-object", "-w", "--stdin", stdin=b"x\n").strip()
    entry = {"sub": f"160000 commit {start}", "a\x1b[2Jb": f"100644 blob {blob}"}.get(name, f"120000 blob {blob}")
    made = _publish(li, _with(li, f"{entry}\t{name}", without=name))
    told = zhao("sync")
    assert told.exit == 7
    assert made[:12] in told.err
    assert "\x1b" not in told.err
    assert zhao.head() == start
    li.git("push", "-q", "-f", "origin", f"{start}:refs/heads/main")
    told = zhao("sync")
    assert (told.exit, told.err) == (0, "")


def test_a_link_that_was_taken_away_again_is_no_obstacle(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    (li.folder / "link").symlink_to("records")
    li.keep_signed()
    (li.folder / "link").unlink()
    li.keep_signed()
    li.push()
    zhao.done("sync")
    assert zhao.head() == li.head()


def test_what_clashes_can_be_decided_after_the_sync(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "owner=zhao.min")
    li.done("update", ONE, "--set", "owner=chen.jing")
    zhao.done("sync")
    li.refused(4, "sync")
    li.done("resolve", ONE, "--take", "ours")
    synced(li, zhao)
    same(zhao, li)


def test_a_stranger_s_files_are_not_even_listed(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    blob = li.git("hash-object", "-w", "--stdin", stdin=b"x\n").strip()
    tree = li.git("mktree", stdin=f"100644 blob {blob}\tf\n".encode()).strip()
    for _depth in range(12):  # 10**12 files
        tree = li.git("mktree", stdin="".join(f"040000 tree {tree}\td{n}\n" for n in range(10)).encode()).strip()
    root = _with(li, f"040000 tree {tree}\tzzz")
    commit = li.git("commit-tree", root, "-p", "HEAD", "-m", "x").strip()
    bare = zhao.world / REMOTE
    pack = f"{li.folder}/.git/objects"
    (bare / "objects/info").mkdir(exist_ok=True)
    (bare / "objects/info/alternates").write_text(f"{pack}\n")
    subprocess.run(["git", "update-ref", "refs/heads/main", commit], cwd=bare, check=True)
    said = zhao.refused(7, "sync")
    assert commit[:12] in said


def test_a_branch_with_nothing_in_common(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    made = zhao.git("commit-tree", "HEAD^{tree}", "-m", "x").strip()
    zhao.git("push", "-q", "-f", "origin", f"{made}:refs/heads/main")
    assert "nothing in common" in zhao.refused(4, "sync")


def test_two_syncs_in_one_clone_raise_no_alarm(pair: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    zhao, _li = pair
    zhao.done("update", ONE, "--set", "tier=diamond")
    fetch, asked = module.fetch, []

    def first_another(*words: object) -> object:
        found = fetch(*words)  # type: ignore[arg-type]
        asked.append(found)
        if len(asked) == 1:
            zhao.push().git("update-ref", "refs/crm/remotes/origin/main", "HEAD")
        return found

    monkeypatch.setattr(module, "fetch", first_another)
    told = zhao("sync")
    assert (told.exit, told.err) == (0, "")
