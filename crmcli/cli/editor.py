"""A person's editor on a private file. The only child process of the command line.

The file is 0600 in a 0700 folder, in memory where the system offers that, and gone afterwards, whatever happened.
Nothing of its text goes into the child's arguments or environment.
"""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crmcli.cli.output import note
from crmcli.cli.session import session
from crmcli.errors import Invalid, Refused
from crmcli.text import _

MEMORY = Path("/dev/shm")  # noqa: S108
PREFIX, KEPT = "crm-edit-", "crm-kept-"
USUAL = ("vi", "nano")
# -c speaks after the person's own vimrc, which could turn everything on again; gvim returns at once without -f.
TRACELESS_VIM = (
    *("-f", "-n", "-i", "NONE"),
    *("-c", "set noswapfile noundofile nobackup nowritebackup patchmode= viminfo="),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text lies while it is edited, and whether that is memory rather than a disk."""

    folder: Path
    in_memory: bool


def edit(text: str, suffix: str = ".yaml") -> str | None:
    """The text as the person left it in `$VISUAL`, `$EDITOR`, vi or nano; None when unchanged.

    Raises Refused when no editor is found or it failed, Invalid when the result is no UTF-8.
    """
    env = session().env
    command = editor_command(env)
    place = private_place(env)
    if not place.in_memory:
        note(_("While you edit, the text lies on the disk in {folder}.").format(folder=place.folder))
    sweep(env)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place.folder) as folder, _held(Path(folder)):
        path = Path(folder) / f"edit{suffix}"
        path.touch(mode=0o600)
        path.write_bytes(text.encode("utf-8"))
        _run([*command, str(path)], env)
        after = _read(path)
    return None if after == text else after


def keep(text: str, suffix: str = ".yaml") -> Path:
    """Put a text that could not be taken in where its author alone finds it again, in memory where there is any."""
    descriptor, name = tempfile.mkstemp(suffix, KEPT, private_place(session().env).folder)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """While the block runs the folder is locked: in use, not left behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sweep(env: Mapping[str, str]) -> None:
    """Remove what killed edits of ours left behind, wherever it may lie: folders that nobody holds."""
    for place in {one.folder for one in _places(env)}:
        _sweep(place)


def sweep_usual(env: Mapping[str, str]) -> None:
    """The same where edits lie as a rule, which is cheap: done whenever a vault is opened."""
    _sweep(private_place(env).folder)


def left_behind(env: Mapping[str, str]) -> list[Path]:
    """What `sweep` would remove."""
    return [folder for place in {one.folder for one in _places(env)} for folder in _abandoned(place)]


def kept(env: Mapping[str, str]) -> list[Path]:
    """Texts of ours that `keep` put aside and nobody has taken away."""
    found = (path for place in {one.folder for one in _places(env)} for path in place.glob(f"{KEPT}*"))
    return sorted(path for path in found if path.lstat().st_uid == os.getuid())


def _sweep(place: Path) -> None:
    for folder in _abandoned(place):
        shutil.rmtree(folder, ignore_errors=True)


def _abandoned(place: Path) -> Iterator[Path]:
    """Folders of edits of ours that nobody holds, each held by us while it is looked at."""
    for folder in place.glob(f"{PREFIX}*"):
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(descriptor).st_uid == os.getuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # An empty one holds nothing, and may have been made this very moment and not be held yet.
                if any(folder.iterdir()):
                    yield folder
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)


def editor_command(env: Mapping[str, str]) -> list[str]:
    """The editor and its arguments, told to leave no traces where we know how. Raises Refused without an editor."""
    search = env.get("PATH")
    usual = (name for name in USUAL if shutil.which(name, path=search))
    chosen = env.get("VISUAL") or env.get("EDITOR") or next(usual, "")
    try:
        words = shlex.split(chosen)
    except ValueError:
        words = []
    program = shutil.which(words[0], path=search) if words else None
    if program is None:
        raise Refused(
            _("No editor: {name}").format(name=chosen or "$EDITOR"), hint=_("Set EDITOR to your editor's command.")
        )
    return [*words, *(TRACELESS_VIM if _is_vim(program) else ())]


def traceless(env: Mapping[str, str]) -> bool:
    """Whether the editor is one that we know how to start so that it leaves no copy of the text anywhere. Raises Refused
    without an editor."""
    program = shutil.which(editor_command(env)[0], path=env.get("PATH"))
    return program is not None and _is_vim(program)


def _is_vim(program: str) -> bool:
    return "vim" in Path(program).name or "vim" in Path(program).resolve().name


def private_place(env: Mapping[str, str]) -> Place:
    """The most fleeting folder that can be written to: shared memory, the session's own, else the temporary one."""
    *fleeting, disk = _places(env)
    usable = (place for place in fleeting if os.access(place.folder, os.W_OK | os.X_OK))
    return next(usable, disk)


def _places(env: Mapping[str, str]) -> list[Place]:
    """Where the text may lie, best first, whether it can be written to or not."""
    runtime = env.get("XDG_RUNTIME_DIR")
    return [
        Place(MEMORY, in_memory=True),
        *([Place(Path(runtime), in_memory=True)] if runtime else []),
        Place(Path(env.get("TMPDIR") or tempfile.gettempdir()), in_memory=False),
    ]


def _run(command: list[str], env: Mapping[str, str]) -> None:
    with _interrupts_left_to_the_child():
        try:
            code = subprocess.run(command, env=dict(env), cwd=session().cwd, check=False).returncode
        except OSError as error:
            raise Refused(_("The editor did not start; nothing was changed."), hint=error.strerror) from error
    if code != 0:
        raise Refused(_("The editor failed with {code}; nothing was changed.").format(code=code))


@contextmanager
def _interrupts_left_to_the_child() -> Iterator[None]:
    """Ctrl-C belongs to the editor while it runs; a handler, unlike SIG_IGN, is not inherited by the child."""
    before = signal.signal(signal.SIGINT, lambda *_signal: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise Refused(_("The editor took the file away; nothing was changed.")) from None
    except UnicodeDecodeError:
        raise Invalid(_("The edited text is not valid UTF-8; nothing was changed.")) from None
