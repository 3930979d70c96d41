"""Asks git for things, through its command line, so that hooks, signing and configuration behave as people expect.

One of the two places that start a child process (the other is the editor). Never a shell, never a pager, never a
prompt, never a value of a customer in an argument: content travels by file or by standard input.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crmcli.errors import Conflict, CrmError, Failure, Invalid, NotFound, Refused
from crmcli.text import _

OLDEST = (2, 30)
COMMITTING = "CRM_COMMITTING"  # tells our own hook that crm has looked at what is committed
USAGE = 129  # git's exit code for an option it does not know

# What a surrounding git (a hook, an alias) tells its children about *its* repository must not point us away from ours.
_STRAY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
_ALWAYS = {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat"}
_CONFIG = ("-c", "core.quotePath=false", "-c", "advice.detachedHead=false")

# An acknowledged write must survive a power cut; git alone leaves new loose objects to the cache of the system.
DURABLE = ("-c", "core.fsync=objects,derived-metadata,reference", "-c", "core.fsyncMethod=batch")


class GitError(Failure):
    """git ended with an error. `command` is the subcommand alone, `stderr` git's own words."""

    def __init__(self, command: str, code: int, stderr: str) -> None:
        super().__init__(
            _("git {command} failed: {reason}").format(command=command, reason=_last_line(stderr) or code), kind="git"
        )
        self.command, self.code, self.stderr = command, code, stderr

    @property
    def killed(self) -> bool:
        """Whether a signal ended git, so that it may have left locks behind."""
        return self.code < 0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a git command ended and what it said (all of it in `err` where its output was put aside)."""

    code: int
    out: bytes
    err: bytes


class Git:
    """git, run in one folder with one environment; its children keep `lock_fd` open as long as they live."""

    def __init__(self, folder: Path, env: Mapping[str, str], lock_fd: int | None = None) -> None:
        self.folder = folder
        self.env = {name: text for name, text in env.items() if name not in _STRAY} | _ALWAYS
        self.pass_fds = () if lock_fd is None else (lock_fd,)

    def run(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, check: bool = True) -> bytes:
        """Standard output of one command. GitError when it fails and `check` is set."""
        answer = self.ask(*args, stdin=stdin, env=env)
        if check and answer.code:
            raise self.error(args, answer)
        return answer.out

    def ask(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Answer:
        """One command and how it ended."""
        with self._start(args, env or {}, subprocess.PIPE, subprocess.PIPE) as child:
            out, err = _talk(child, stdin)
        return Answer(child.returncode, out, err)

    def ask_aside(self, *args: str, stdin: bytes, env: Mapping[str, str], out: int | None = None) -> Answer:
        """The same, but what it says goes to a file, so that a process a hook leaves behind in the background cannot keep
        us waiting on a pipe. out: a descriptor for its standard output instead."""
        with tempfile.TemporaryFile() as words:
            with self._start(args, env, words if out is None else out, words) as child:
                _talk(child, stdin)
            words.seek(0)
            return Answer(child.returncode, b"", words.read())

    def _start(
        self, args: Sequence[str], env: Mapping[str, str], out: int | IO[bytes], err: int | IO[bytes]
    ) -> "Popen":
        try:
            return subprocess.Popen(
                ["git", *_CONFIG, *args],
                cwd=self.folder,
                env=self.env | dict(env),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                pass_fds=self.pass_fds,
            )
        except FileNotFoundError as cause:
            raise Failure(
                _("git was not found."), hint=_("Install git 2.30 or newer and try again."), kind="git"
            ) from cause

    def error(self, args: Sequence[str], answer: Answer) -> Failure:
        """The failure as a value; a git that is too old is called so."""
        if answer.code == USAGE and self.version() < OLDEST:
            return Failure(_("This git is too old."), hint=_("Install git 2.30 or newer and try again."), kind="git")
        return GitError(_subcommand(args), answer.code, answer.err.decode("utf-8", "replace").strip())

    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        found = re.search(rb"(\d+)\.(\d+)", self.run("version"))
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def places(self) -> "Places":
        """Where the repository around the folder lies; NotFound outside of one, Refused where git does not trust its
        owner, Conflict where it has no work tree."""
        answer = self.ask("rev-parse", *_PLACES)
        if answer.code:
            raise self._no_places(answer)
        top, git_dir, common, prefix, algorithm = answer.out.decode("utf-8", "surrogateescape").split("\n")[:5]
        return Places(Path(top), Path(git_dir), (self.folder / common).resolve(), prefix, algorithm)

    def _no_places(self, answer: Answer) -> CrmError:
        if b"not a git repository" in answer.err:
            return NotFound(
                _("{folder} is not inside a git repository.").format(folder=self.folder),
                hint=_("Run `crm init` there, or `git init` first."),
                kind="no-repository",
            )
        if b"dubious ownership" in answer.err:
            return Refused(
                _("{folder} belongs to somebody else, and git does not trust it.").format(folder=self.folder),
                hint=_("If you do: {command}").format(
                    command=_last_line(answer.err.decode("utf-8", "replace")).strip()
                ),
                kind="not-trusted",
            )
        if b"must be run in a work tree" in answer.err:
            return Conflict(
                _("{folder} lies inside .git, or in a repository without files (bare).").format(folder=self.folder),
                hint=_("Work in a clone of it."),
                kind="no-work-tree",
            )
        return self.error(("rev-parse",), answer)

    def ident(self) -> str:
        """The author of what is written now, as "Name <mail>". Invalid where git has none: never one made up."""
        answer = self.ask("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
        if answer.code < 0:
            raise self.error(("var",), answer)
        if answer.code:
            raise Invalid(
                _("git does not know your name and e-mail; every change is signed with them."),
                hint='git config --global user.name "…"\ngit config --global user.email "…"',
                kind="no-identity",
            )
        return answer.out.decode("utf-8", "replace").strip().rsplit(" ", 2)[0]

    def stands(self, names: Iterable[str]) -> list[str | None]:
        """Object hashes of `HEAD`, `HEAD:./path`, `:./path` (the index) …, in one call; None for what is not there."""
        return [facts[0] if facts else None for facts in self.facts(names, "%(objectname) %(objecttype)")]

    def facts(self, names: Iterable[str], shape: str) -> list[list[str] | None]:
        """What `cat-file --batch-check` tells of objects, in words; None for what is not there."""
        wanted = list(names)
        asked = [name for name in wanted if not _CONTROL.search(name)]  # a name of two lines would be two questions
        stdin = "".join(name + "\n" for name in asked).encode("utf-8", "surrogateescape")
        lines = self.run("cat-file", f"--batch-check={shape}", stdin=stdin).split(b"\n")[:-1]
        told = (None if line.endswith(b" missing") else line.decode().split() for line in lines)
        known = dict(zip(asked, told, strict=True))
        return [known.get(name) for name in wanted]

    def head(self) -> str | None:
        """The commit HEAD stands on; None in an empty repository."""
        return self.stands(["HEAD"])[0]

    def last_commit(self) -> tuple[str | None, dict[str, str | None]]:
        """The commit HEAD stands on (None in an empty repository) and what it changed from its first parent: path from
        the top → blob, None for a deleted one."""
        shape = ("-r", "--root", "-z", "--raw", "--no-renames", "--no-relative", "--no-abbrev")
        answer = self.ask("diff-tree", "--always", *shape, "HEAD", "--")
        if answer.code:
            return self.head(), {}
        head, *words = answer.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
        names = (facts.split(" ")[3] for facts in words[::2])
        return head, {path: name if name.strip("0") else None for name, path in zip(names, words[1::2], strict=True)}

    def blob(self, name: str) -> bytes:
        """The bytes of one object."""
        return self.run("cat-file", "blob", name)

    def blob_at(self, rev: str, path: str) -> bytes | None:
        """The bytes of a file as they stood in a commit (path relative to the folder); None when it was not there."""
        found = self.stands([f"{rev}:./{path}"])[0]
        return None if found is None else self.blob(found)

    def branch(self) -> str | None:
        """The full name of the branch HEAD is on, or None when HEAD is detached."""
        answer = self.ask("symbolic-ref", "-q", "HEAD")
        return answer.out.decode("utf-8", "surrogateescape").strip() or None

    def stage(self, paths: Iterable[str], env: Mapping[str, str] | None = None) -> None:
        """Take the work tree's state of these paths, gone ones included, into the index. Linear in their number."""
        listed = "".join(path + "\0" for path in paths).encode("utf-8", "surrogateescape")
        self.run(*DURABLE, "update-index", "-z", "--add", "--remove", "--stdin", stdin=listed, env=env)

    def set_entries(self, entries: Iterable[tuple[str, str, str]], env: Mapping[str, str] | None = None) -> None:
        """Put (mode, hash, path from the top) straight into the index; mode "0" takes a path out."""
        listed = "".join(f"{mode} {name}\t{path}\0" for mode, name, path in entries)
        self.run("update-index", "-z", "--index-info", stdin=listed.encode("utf-8", "surrogateescape"), env=env)

    def staged(self, head: str | None, env: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """What the index in `env` has otherwise than `head` (None: an empty repository), as the entries
        (mode, hash, path from the top) that `set_entries` needs to put it back; mode "0" for what HEAD lacks, "U" for
        what waits for a merge by hand."""
        tree = head or self.run("hash-object", "-t", "tree", "--stdin").decode().strip()
        shape = ("--cached", "--raw", "-z", "--no-renames", "--no-relative", "--no-abbrev", "--ignore-submodules=none")
        words = self.run("diff-index", *shape, tree, "--", env=env).decode("utf-8", "surrogateescape").split("\0")
        pairs = zip((word[1:].split(" ") for word in words[:-1:2]), words[1::2], strict=True)
        return [_entry(facts, path) for facts, path in pairs]

    def tidy(self) -> None:
        """git's own housekeeping, when it is due and not switched off."""
        wanted = self.run("config", "--type=bool", "--default=true", "--get", "maintenance.auto", check=False)
        if wanted.strip() != b"false":
            self.run("maintenance", "run", "--auto", "--quiet", check=False)


@dataclass(frozen=True, slots=True)
class Places:
    """The repository around a folder: top of the work tree, its git dirs, the way from the top ("" or "sub/folder/"),
    and how it names objects (sha1 or sha256)."""

    top: Path
    git_dir: Path
    common_dir: Path
    prefix: str
    algorithm: str


Popen = subprocess.Popen[bytes]
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLACES = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--show-prefix", "--show-object-format")


def _talk(child: Popen, stdin: bytes) -> tuple[bytes, bytes]:
    """Feed and hear the child to its end. Interrupted, it is asked to stop first: git then removes its own locks."""
    try:
        out, err = child.communicate(stdin)
        return out or b"", err or b""
    except BaseException:
        child.terminate()
        child.wait()
        raise


def _entry(facts: Sequence[str], path: str) -> tuple[str, str, str]:
    """An entry of `staged` from a line of raw diff: modes on both sides, hashes on both sides, status."""
    mode, _staged, name, _there, status = facts
    if status == "U":
        return "U", name, path
    return "0" if mode == "000000" else mode, name, path


def _subcommand(args: Sequence[str]) -> str:
    words = iter(args)
    for word in words:
        if word == "-c":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
