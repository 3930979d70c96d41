"""`crm doctor` on how plain git signs: mended where it is ours to mend, told where somebody chose otherwise."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import test_cli_doctor
from conftest import git
from test_cli_doctor import Doctor, only, wrong

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
sealed, doctor = test_cli_doctor.sealed, test_cli_doctor.doctor


def test_how_git_signs_is_mended_and_somebodys_own_choice_is_left(doctor: Doctor, sealed: Crm) -> None:
    git(sealed.folder, "config", "--unset", "commit.gpgSign")
    assert "--fix" in only(doctor(), "signing", "problem")["hint"]
    only(doctor("--fix"), "signing", "mended")
    (sealed.folder / ".git/crm/sign").unlink()
    only(doctor(), "signing", "problem")
    only(doctor("--fix"), "signing", "mended")
    git(sealed.folder, "config", "user.signingKey", "/away/crmcli/signing.key")
    only(doctor("--fix"), "signing", "mended")
    git(sealed.folder, "config", "commit.gpgSign", "no")
    git(sealed.folder, "config", "gpg.format", "openpgp")
    told = only(doctor("--fix"), "signing", "warning")
    assert "gpg.format, commit.gpgSign" in told["message"]
    for command in told["hint"].split("; "):
        git(sealed.folder, *shlex.split(command)[1:])
    assert wrong(doctor()) == {}
