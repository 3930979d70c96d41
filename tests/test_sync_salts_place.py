"""What may stand at the remote where the customers' keys should be: whatever it is, the branch is published, and what can be
replaced is."""

import json
import subprocess
from collections.abc import Callable

import pytest
from meetings import copied_pair, meeting
from people import REMOTE, Person

SALTS = "refs/crm/salts"
ADD = ["add", "--kind", "individual", "--source", "store", "--owner", "li.na", "--region", "北京市/朝阳区"]


met = meeting("manager")
pair = copied_pair()


def there(person: Person, *words: str, stdin: bytes = b"") -> str:
    """git at the remote."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
    done = subprocess.run(
        ["git", *who, *words], cwd=person.world / REMOTE, env=person.env(), capture_output=True, input=stdin, check=True
    )
    return done.stdout.decode().strip()


def added(zhao: Person) -> None:
    zhao.done(*ADD, "--name", "新样例", "--phone", "13700137003")


def blob(zhao: Person) -> str:
    return there(zhao, "hash-object", "-w", "--stdin", stdin=b"x")


def tree(zhao: Person) -> str:
    return there(zhao, "rev-parse", "main^{tree}")


def tag(zhao: Person) -> str:
    there(zhao, "tag", "-a", "-m", "x", "x", f"{SALTS}^{{commit}}")
    return there(zhao, "rev-parse", "refs/tags/x")


def tag_of_another(zhao: Person) -> str:
    there(zhao, "tag", "-a", "-m", "x", "y", "main")
    return there(zhao, "rev-parse", "refs/tags/y")


def another(zhao: Person) -> str:
    return there(zhao, "rev-parse", "main~1")


def malformed(zhao: Person) -> str:
    """A commit that git itself takes in from nobody."""
    text = f"tree {there(zhao, 'rev-parse', 'main^{tree}')}\nauthor x\ncommitter x\n\nx\n".encode()
    return there(zhao, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text)


@pytest.mark.parametrize("made", [blob, tree, tag, tag_of_another, another, malformed])
def test_what_is_no_file_of_keys_is_replaced(pair: tuple[Person, Person], made: Callable[[Person], str]) -> None:
    zhao, li = pair
    there(zhao, "update-ref", SALTS, made(zhao))
    added(zhao)
    told = zhao("sync")
    assert (told.exit, told.err.count("does not count")) == (6, 1), told
    assert "does not take" not in told.err
    assert there(zhao, "ls-tree", "--name-only", SALTS) == "salts.age"
    li.done("sync")
    assert li.head() == zhao.head() == there(zhao, "rev-parse", "main")
    assert "新样例" in li.done("list")
    assert zhao("sync").err == ""


@pytest.mark.parametrize("ref", [f"{SALTS}/x", "refs/crm"])
def test_a_ref_in_the_way_keeps_no_branch_back(pair: tuple[Person, Person], ref: str) -> None:
    zhao, _li = pair
    there(zhao, "update-ref", "-d", SALTS)
    there(zhao, "update-ref", ref, "main")
    added(zhao)
    told = zhao("sync")
    assert told.exit == 0, told
    assert zhao.head() == there(zhao, "rev-parse", "main")
    assert all(words in told.err for words in ("does not take", "cannot create", "crm keys export --for"))


@pytest.mark.parametrize("version", ["0", "2"])
def test_keys_are_never_written_over_a_branch(pair: tuple[Person, Person], version: str) -> None:
    """Protocol 0 tells nobody that a ref is another name of one."""
    zhao, li = pair
    zhao.git("config", "protocol.version", version)
    there(zhao, "symbolic-ref", SALTS, "refs/heads/main")
    added(zhao)
    for _again in range(2):
        told = zhao("sync")
        assert told.exit == 0, told
        assert zhao.head() == there(zhao, "rev-parse", "main")
        assert "another name of a branch" in told.err
        assert "crm keys export --for" in told.err
    li.done("sync")
    assert li.head() == zhao.head()


def test_a_branch_that_cannot_be_made_there_is_told_as_the_host_tells_it(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    tip = there(zhao, "rev-parse", "main")
    there(zhao, "update-ref", "-d", "refs/heads/main")
    there(zhao, "update-ref", "refs/heads/main/x", tip)
    told = zhao("sync", "--format", "json")
    assert told.exit == 4, told
    assert json.loads(told.out or told.err)["error"]["kind"] == "refused"
    assert "cannot create 'refs/heads/main'" in told.out + told.err
