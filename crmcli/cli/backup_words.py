"""What a backup holds, in words; and who looks at it."""

from collections.abc import Iterator
from pathlib import Path

from crmcli.cli.passphrase import passphrase
from crmcli.cli.session import session
from crmcli.errors import Invalid
from crmcli.text import _
from crmcli.usecases.backup_file import Surroundings
from crmcli.usecases.restore import Held


def surroundings() -> Surroundings:
    """This call, as a backup is looked at from."""
    here = session()
    return Surroundings(here.homes, here.env, here.now, here.turned, passphrase)


def file_of(word: str) -> Path:
    """The file that a person names; Invalid for nothing."""
    if not word.strip():
        raise Invalid(_("No file is named."), kind="usage", hint=_("Give the path of the backup."))
    return Path(word)


def facts(held: Held) -> Iterator[tuple[str, str]]:
    """Label and value."""
    yield _("Made"), f"{held.made:%Y-%m-%d %H:%M}"
    yield _("Customers"), str(held.customers)
    yield _("Commits"), str(held.commits)
    if held.root:
        yield _("Customers' keys"), str(held.salts)
        yield _("Root"), held.root
    else:
        yield _("Sealing"), _("open vault")
    if held.remote:
        yield _("Remote"), held.remote
