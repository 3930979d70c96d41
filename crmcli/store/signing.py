"""Signed commits: how git is told to sign with a vault's own key, whatever a person has configured for other work.

git wants one executable to ask for a signature. It is a small private script in the git dir that starts the given
program; it holds paths, never a key. No signature is made or judged here.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crmcli.errors import CrmError, Failure, Refused
from crmcli.store.files import private_folder, read_file, write_atomic
from crmcli.text import _

_FAILED = "crm cannot sign: "  # how the program begins to say why
_TOO_OLD = "gpg.format: ssh"  # what a git before 2.34 complains of


@dataclass(frozen=True, slots=True)
class Signing:
    """key: the private key file; program: the Python file that signs with it, called as git calls `ssh-keygen`."""

    key: Path
    program: Path


def options(signing: Signing, folder: Path) -> tuple[str, ...]:
    """What git is given before its command to sign what it commits. The script is put into `folder` (private)."""
    script = _script(folder, signing.program)
    wanted = ("gpg.format=ssh", f"gpg.ssh.program={script}", f"user.signingKey={signing.key}", "commit.gpgSign=true")
    return tuple(word for option in wanted for word in ("-c", option))


def refusal(words: Sequence[str]) -> CrmError | None:
    """What to raise when git, in these words, made no commit for want of a signature; None where that isn't why."""
    for line in words:
        _git, failed, reason = line.partition(_FAILED)
        if failed:
            return Refused(
                _("The commit could not be signed; everything is as before."),
                hint=_("{reason}\n`crm doctor` looks at the keys of this machine.").format(reason=reason),
                kind="signing",
            )
        if _TOO_OLD in line:
            hint = _("Install git 2.34 or newer and try again.")
            return Failure(_("This git is too old to sign commits."), hint=hint, kind="git")
    return None


def _script(folder: Path, program: Path) -> Path:
    """The one executable, written where it isn't just so already. -I: nothing beside the program shadows a module."""
    script = private_folder(folder) / "sign"
    started = shlex.join([sys.executable, "-I", str(program)])
    content = os.fsencode(f'#!/bin/sh\nexec {started} "$@"\n')
    if read_file(folder, script.name) != content or not os.access(script, os.X_OK):
        write_atomic(folder, script.name, content, 0o700)
    return script
