"""The crontab lines of a vault, each with what it does and when (R42, R45, R49). Installs nothing."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmcli.errors import Invalid, Where
from crmcli.reports.safe_text import visible
from crmcli.text import _

USUAL = ("/usr/local/bin", "/usr/bin", "/bin")


@dataclass(frozen=True, slots=True)
class Line:
    """One job: when in cron's five fields, the words of the command, what it does in words."""

    when: str
    words: tuple[str, ...]
    about: str

    @property
    def command(self) -> str:
        """The command as it stands in the crontab: quoted for `sh`, a percent sign escaped for cron (crontab(5))."""
        return shlex.join(self.words).replace("%", "\\%")


@dataclass(frozen=True, slots=True)
class Crontab:
    """Settings and jobs of one vault."""

    root: Path
    settings: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines to put into a crontab."""
        head = [_("Lines for the vault {path}; put them in with `crontab -e`.").format(path=self.root)]
        head.append(_("cron mails what a command prints; each is silent when there is nothing to say."))
        parts = [*(f"# {line}" for line in head), *(f"{name}={value}" for name, value in self.settings)]
        for line in self.lines:
            parts += [f"# {line.about}", f"{line.when} {line.command}"]
        return "\n".join(parts)


def crontab(
    root: Path,
    crm: Sequence[str],
    *,
    git: Path | None,
    locale: str,
    language: str | None,
    folders: Mapping[str, str] | None = None,
) -> Crontab:
    """The crontab of the vault at `root`.

    crm       the command in use: absolute path, with the words it needs before a verb
    git       where git was found
    locale    the locale the jobs run in
    language  what they speak; None: the vault's
    folders   the variables that say where a person's keys lie, where they are not in the usual places

    Invalid where a path holds what no crontab can: control characters and backslashes.
    """
    for text in (str(root), *crm, *(folders or {}).values()):
        if "\\" in text or visible(text) != text:
            raise Invalid(_("A crontab cannot hold the path {path}.").format(path=ascii(text)), where=Where(text))
    search = (*([str(git.parent)] if git and str(git.parent) not in USUAL else []), *USUAL)
    settings = [("PATH", ":".join(search)), ("LANG", locale), *([("CRM_LANG", language)] if language else [])]
    settings += (folders or {}).items()
    vault = ("--vault", str(root))
    lines = [Line(when, (*crm, *words, *vault), about) for when, words, about in _jobs()]
    return Crontab(root, tuple(settings), tuple(lines))


def _jobs() -> list[tuple[str, tuple[str, ...], str]]:
    return [
        (
            "0 3 1 1,4,7,10 *",
            ("classify", "--apply", "--quiet"),
            _("On the first day of each quarter, 03:00: rate all customers anew and write who moves."),
        ),
        (
            "30 3 1 * *",
            ("purge", "plan", "--format", "ids"),
            _(
                "On the first day of each month, 03:30: plan the destruction of what is due, for review. Destroys nothing."
            ),
        ),
        (
            "0 4 * * *",
            ("purge", "run", "--yes", "--format", "ids"),
            _("Every day, 04:00: destroy what an approved plan lists, nothing else."),
        ),
        ("30 8 * * 1-5", ("today",), _("Monday to Friday, 08:30: what is to be done today.")),
        (
            "0 7 * * 1",
            ("check", "--quiet"),
            _("Every Monday, 07:00: look at every file and name what is wrong or missing."),
        ),
    ]
