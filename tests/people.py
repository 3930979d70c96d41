"""Several people at work: each with an own home, git identity and clone of one bare remote, all in one folder.

The folder may be copied as a whole, so that a world is founded once and then begun with many times. `crm` runs in this
process, in the person's environment; git runs as theirs.
"""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import isolated
from crash.killer import arm
from ended import Ended

import crmcli
from crmcli.cli import boundary
from crmcli.sealing.sshsig import sign
from crmcli.store.yamlread import parse

NOW = "2024-05-10T09:30+08:00"
REMOTE = "remote.git"
SOURCE = str(Path(crmcli.__file__).parents[1])


@dataclass(frozen=True)
class Person:
    """One person at one machine: `li("show", "王芳")` runs crm in their clone, `li.git("pull")` their git.

    machine  tells the second home of the same person from the first
    """

    world: Path
    name: str
    machine: str = ""
    clock: dict[str, str] = field(default_factory=lambda: {"CRM_NOW": NOW}, compare=False)

    @property
    def home(self) -> Path:
        return self.world / "homes" / f"{self.name}{self.machine}"

    @property
    def folder(self) -> Path:
        """Their clone."""
        return self.world / "clones" / f"{self.name}{self.machine}"

    @property
    def config(self) -> Path:
        return self.home / "config" / "crmcli"

    @property
    def data(self) -> Path:
        return self.home / "data" / "crmcli"

    @property
    def email(self) -> str:
        return f"{self.name}@example.invalid"

    def env(self) -> dict[str, str]:
        """Their environment; nothing of whoever runs the tests but the search path."""
        self.home.mkdir(parents=True, exist_ok=True)
        made = isolated(self.home)
        with Path(made["GIT_CONFIG_GLOBAL"]).open("a") as config:
            config.write(f"[user]\n\tname = {self.name}\n\temail = {self.email}\n[pull]\n\trebase = false\n")
        (self.home / "no-hooks").mkdir(exist_ok=True)
        mine = {"GIT_TEMPLATE_DIR": str(self.home / "no-hooks"), "CRM_LANG": "en", "PYTHONPATH": SOURCE, **self.clock}
        return {"PATH": os.environ["PATH"], **made, **mine}

    def __call__(self, *words: str, stdin: bytes = b"", at: Path | None = None, env: Mapping[str, str] = {}) -> Ended:
        """Run `crm` in their clone, or `at` another folder; it never fails in an ugly way."""
        with _as(self, at or self.folder, stdin, env) as streams:
            code = boundary.main(list(words))
        return Ended(code, *(stream.getvalue().decode() for stream in streams)).fair(words)

    def done(self, *words: str, stdin: bytes = b"", at: Path | None = None) -> str:
        """Run what must succeed; its stdout."""
        ended = self(*words, stdin=stdin, at=at)
        assert ended.exit == 0, ended
        return ended.out

    def refused(self, exit: int, *words: str, stdin: bytes = b"") -> str:
        """Run what must end with `exit` and leave no commit; what is said of it."""
        before = self.git("rev-parse", "HEAD")
        ended = self(*words, stdin=stdin)
        assert ended.exit == exit, ended
        assert self.git("rev-parse", "HEAD") == before
        return ended.err

    def killed(self, moment: int, *words: str) -> bool:
        """Run `crm` and kill it at its n-th write, rename, fsync or child; whether it got that far."""
        mark = self.world / "killed"
        mark.unlink(missing_ok=True)
        pid = os.fork()
        if not pid:
            try:
                os.setsid()
                arm(moment, "before", 0, mark)
                self(*words)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        return mark.exists()

    def git(self, *words: str, check: bool = True, stdin: bytes | None = None) -> str:
        """What their own git says."""
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=self.env(), capture_output=True, input=stdin, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"git {words}: {(done.stderr + done.stdout).decode()}")
        return done.stdout.decode("utf-8", "replace")

    def clone(self) -> "Person":
        """Clone the remote, as they would after `rm -rf` of an older clone."""
        self.folder.parent.mkdir(exist_ok=True)
        place = {"cwd": self.folder.parent, "env": self.env(), "check": True, "capture_output": True}
        subprocess.run(["git", "clone", "-q", f"../{REMOTE}", self.folder.name], **place)  # type: ignore[call-overload]
        self.git("remote", "set-url", "origin", f"../../{REMOTE}")
        return self

    def pull(self) -> "Person":
        self.git("pull", "-q")
        return self

    def push(self) -> "Person":
        self.git("push", "-q", "origin", "HEAD")
        return self

    def on(self, day: str) -> "Person":
        """From now on it is nine o'clock of that day in Shanghai."""
        self.clock["CRM_NOW"] = f"{day}T09:00+08:00"
        return self

    def tree(self, path: str) -> dict[str, Any]:
        """What stands in a file of their clone."""
        return dict(parse((self.folder / path).read_bytes(), path).tree)

    def change(self, path: str, old: str, new: str) -> None:
        """Replace one piece of text in a file, with an editor."""
        text = (self.folder / path).read_text()
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
        (self.folder / path).write_text(text.replace(old, new))

    def keep(self, *options: str) -> str:
        """Commit everything with git alone, past the hook and unsigned; the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "--no-gpg-sign", "-m", "by hand", *options)
        return self.head()

    def keep_signed(self) -> str:
        """The same, signed with their key but not made by crm."""
        self.git("add", "-A")
        ident = f"{self.name} <{self.email}> 1715304600 +0800"
        lines = [
            f"tree {self.git('write-tree').strip()}",
            f"parent {self.head()}",
            f"author {ident}",
            f"committer {ident}",
        ]
        armored = sign((self.config / "signing.key").read_text(), "\n".join([*lines, "", "by hand\n"]).encode())
        lines.append("gpgsig " + armored.strip().replace("\n", "\n "))
        made = self.git(
            "hash-object", "-t", "commit", "-w", "--stdin", stdin="\n".join([*lines, "", "by hand\n"]).encode()
        )
        self.git("reset", "-q", "--soft", made.strip())
        return made.strip()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def public(self) -> str:
        """The line that an admin needs."""
        return self.done("keys", at=self.world).splitlines()[0].strip()


@contextmanager
def _as(person: Person, folder: Path, stdin: bytes, env: Mapping[str, str]) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """This process as one of that person's."""
    kept, here, streams = dict(os.environ), Path.cwd(), (sys.stdin, sys.stdout, sys.stderr)
    out, err = io.BytesIO(), io.BytesIO()
    try:
        theirs = {**person.env(), **env}
        os.environ.clear()
        os.environ.update(theirs)
        os.chdir(folder)
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        sys.stdout, sys.stderr = io.TextIOWrapper(out, encoding="utf-8"), io.TextIOWrapper(err, encoding="utf-8")
        yield out, err
        sys.stdout.flush(), sys.stderr.flush()
    finally:
        for made in (sys.stdout, sys.stderr):
            if made not in streams:
                made.detach()
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(kept)
        os.chdir(here)


def founded(world: Path, name: str, *customers: str, clock: dict[str, str] | None = None) -> Person:
    """The first person, an admin, with a vault of their own that stands on the remote with these customers (YAML that
    `crm add --file` takes)."""
    world.mkdir(parents=True, exist_ok=True)
    first = Person(world, name, clock={"CRM_NOW": NOW} if clock is None else clock)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(world / REMOTE)], env=first.env(), check=True)
    first.folder.mkdir(parents=True)
    first.done("init", ".", "--rehearsal", at=first.folder)
    for text in customers:
        first.done("add", "--file", "-", stdin=text.encode())
    first.git("remote", "add", "origin", f"../../{REMOTE}")
    first.git("push", "-q", "-u", "origin", "HEAD:main")
    return first


def let_in(admin: Person, person: Person, role: str, *, salts: bool = True) -> Person:
    """The person clones, is let into the team, and gets the customers' keys."""
    admin.done("team", "add", person.name, "--email", person.email, "--role", role, "--key", person.public())
    admin.push()
    person.pull() if person.folder.exists() else person.clone()
    if salts:
        hand_over(admin, person)
    return person


def hand_over(giver: Person, taker: Person) -> None:
    """Customers' keys from one to the other, on a stick; both stand on the same commit afterwards."""
    stick = giver.world / f"for {taker.name}"
    giver.done("keys", "export", "--for", taker.name, str(stick), "--replace")
    taker.done("keys", "import", str(stick))
    stick.unlink()
    giver.push()
    taker.pull()


def synced(*people: Person) -> None:
    """One after the other meets the others at the remote."""
    for one in people:
        one.done("sync")


def met_at(world: Path, customer: str, *roles: str) -> tuple[Person, Person]:
    """An admin with two customers, and somebody with these roles; both have met at the remote. `customer`: YAML with a
    place `{n}`."""
    zhao = founded(world, "zhao.min", customer.format(n=1), customer.format(n=2))
    li = let_in(zhao, Person(world, "li.na"), roles[0], salts=False)
    if roles[1:]:
        zhao.done("team", "role", "li.na", *(word for role in roles for word in ("--role", role)))
    synced(zhao, li, zhao, li)
    return zhao, li


def begun_with(state: Path, world: Path, *people: Person) -> list[Person]:
    """The same people in a fresh copy of a world."""
    shutil.copytree(state, world, symlinks=True)
    return [Person(world, one.name, one.machine, dict(one.clock)) for one in people]
