"""Signed commits: how git is told to sign with a vault's own key, whatever a person has configured for other work.

git wants one executable to ask for a signature. It is a small private script in the git dir that asks the crm which waits
for git (`signer`) or else starts the given program; it holds paths, never a key, and hands whatever else git asks of it to
`ssh-keygen`. No signature is made or judged here.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crmcli.errors import CrmError, Failure, Refused
from crmcli.store.files import private_folder, read_file, write_atomic
from crmcli.store.signer import ASKS, SIGNED, Sign
from crmcli.text import _

OLDEST_GIT = (2, 34)  # that signs with such keys
SCRIPT = "sign"
_FAILED = "crm cannot sign: "  # how the program begins to say why
# git asks for the signature of a tag in the same words, and to verify one in others.
_CONTENT = """\
#!/bin/sh
[ "$1 $2" = "-Y sign" ] || exec ssh-keygen "$@"
if [ -n "${asks}" ] && [ $# = 7 ] && [ -S /dev/fd/1 ]; then
    trap '' PIPE
    printf '%s\\n' "$6" "$7" && read -r said <&1 || exit  # the crm that waited was killed
    [ "$said" = {signed} ] && exit
fi
for needed in {python} {program}; do
    [ -e "$needed" ] && continue
    printf '%s\\n' "{failed}$needed is gone; any crm command in the vault mends that." >&2
    exit 1
done
exec {python} -I {program} "$@"
"""
_TOO_OLD = "gpg.format: ssh"  # what a git before 2.34 complains of


@dataclass(frozen=True, slots=True)
class Signing:
    """key: the private key file; program: the Python file that signs with it, called as git calls `ssh-keygen`;
    sign: the same in this process."""

    key: Path
    program: Path
    sign: Sign | None = None


def settings(signing: Signing, folder: Path) -> dict[str, str]:
    """git's settings to sign what it commits, the one that turns it on last. The script has its place in `folder`."""
    ssh = {"gpg.format": "ssh", "gpg.ssh.program": str(folder / SCRIPT), "user.signingKey": str(signing.key)}
    return {**ssh, "commit.gpgSign": "true"}


def options(signing: Signing, folder: Path) -> tuple[str, ...]:
    """The same for one command, given before it. The script is put into `folder` (private)."""
    put_script(signing, folder)
    return tuple(word for name, value in settings(signing, folder).items() for word in ("-c", f"{name}={value}"))


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


def put_script(signing: Signing, folder: Path) -> None:
    """Write the one executable into `folder`, where it isn't just so already."""
    if not script_stands(signing, folder):
        write_atomic(private_folder(folder), SCRIPT, _script(signing.program), 0o700)


def script_stands(signing: Signing, folder: Path) -> bool:
    """Whether the executable is there and the one of this installation."""
    return read_file(folder, SCRIPT) == _script(signing.program) and os.access(folder / SCRIPT, os.X_OK)


def _script(program: Path) -> bytes:
    """-I: nothing beside the program shadows a module."""
    paths = {"python": shlex.quote(sys.executable), "program": shlex.quote(str(program))}
    return os.fsencode(_CONTENT.format(failed=_FAILED, asks=ASKS, signed=SIGNED, **paths))
