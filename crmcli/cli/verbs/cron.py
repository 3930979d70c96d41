"""`crm cron`: crontab lines for this vault, each with what it does. Installs nothing."""

import shutil
import sys
from pathlib import Path

from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, emit_text
from crmcli.cli.session import session
from crmcli.reports.values import Notice
from crmcli.usecases.cron import Crontab, crontab

NAME = "crm"

KEYS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")


def command() -> None:
    """Print crontab lines for this vault."""
    here, work = session(), workplace()
    git = shutil.which("git", path=here.env.get("PATH"))
    made = crontab(
        work.root.resolve(),
        _crm(here.env.get("PATH")),
        git=Path(git).absolute() if git else None,
        locale=_locale(),
        language=here.language,
        folders={name: here.env[name] for name in KEYS if here.env.get(name)},
    )
    if here.format in (None, "table"):
        emit_text(made.text + "\n")
    else:
        emit(Notice(made.text, _data(made)))


def _crm(search: str | None) -> tuple[str, ...]:
    """The command in use: the one that was called, the one beside this Python, the one on the path, else the package."""
    called, beside = Path(sys.argv[0]), Path(sys.executable).with_name(NAME)
    found = [str(path.absolute()) for path in (called, beside) if path.name == NAME and path.is_file()]
    known = found[0] if found else shutil.which(NAME, path=search)
    return (str(Path(known).absolute()),) if known else (sys.executable, "-m", "crmcli")


def _locale() -> str:
    """The locale of this call where it can say everything; cron itself knows none."""
    env = session().env
    named = env.get("LC_ALL") or env.get("LANG") or ""
    return named if named.lower().replace("-", "").endswith("utf8") else "C.UTF-8"


def _data(made: Crontab) -> dict[str, object]:
    lines = [{"when": line.when, "command": line.command, "about": line.about} for line in made.lines]
    return {"settings": dict(made.settings), "lines": lines}
