"""What one call of the command knows of its surroundings: global options, environment, clock, terminal, language.

The frame begins a session before the verb runs; `session()` is it from then on. Nothing else reads env, clock or tty.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crmcli.cli.streams import is_terminal, may_color
from crmcli.errors import Invalid
from crmcli.store.homes import Homes, homes
from crmcli.text import _, language, set_language


@dataclass(frozen=True, slots=True)
class Session:
    """One call.

    format        as asked for; None means a table for people
    now, turned   the time of the call, with offset; whether CRM_NOW gave it
    language      "en" or "zh" when --lang or CRM_LANG says so, else None: the vault may decide
    vault_option  --vault, else CRM_VAULT, else None
    homes         where the person's own files lie
    patience      seconds to wait for other commands, when CRM_LOCK_TIMEOUT says so
    interactive   whether stdin is a terminal: only then may anything be asked
    color         whether ANSI colours may go to stdout
    error_color   whether they may go to stderr
    """

    format: str | None
    quiet: bool
    dry_run: bool
    yes: bool
    now: datetime
    turned: bool
    language: str | None
    env: Mapping[str, str]
    cwd: Path
    vault_option: str | None
    homes: Homes
    patience: float | None
    interactive: bool
    stdout_tty: bool
    stderr_tty: bool
    color: bool
    error_color: bool


YEARS = range(1971, 2100)  # what git can write down


class _Current:
    session: Session | None = None


def session() -> Session:
    """The session of this call; RuntimeError outside of one."""
    if _Current.session is None:
        raise RuntimeError("no session has begun")
    return _Current.session


def begin(given: Mapping[str, Any]) -> Session:
    """Begin the session of a call with the global options given on the command line, by name without dashes in front.

    Raises Invalid for a CRM_NOW that cannot be read.
    """
    env = MappingProxyType(dict(os.environ))
    no_color = bool(given.get("no_color"))
    _Current.session = Session(
        format=given.get("format"),
        quiet=bool(given.get("quiet")),
        dry_run=bool(given.get("dry_run")),
        yes=bool(given.get("yes")),
        now=_now(env),
        turned=bool(env.get("CRM_NOW")),
        language=stated_language(given.get("lang"), env),
        env=env,
        cwd=Path.cwd(),
        vault_option=given.get("vault") or env.get("CRM_VAULT") or None,
        homes=homes(),
        patience=_patience(env),
        interactive=is_terminal(sys.stdin),
        stdout_tty=is_terminal(sys.stdout),
        stderr_tty=is_terminal(sys.stderr),
        color=may_color(sys.stdout, env, no_color),
        error_color=may_color(sys.stderr, env, no_color),
    )
    set_language(_Current.session.language or language())
    return _Current.session


def _now(env: Mapping[str, str]) -> datetime:
    given = env.get("CRM_NOW")
    if not given:
        return datetime.now().astimezone()
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in YEARS:
        raise Invalid(
            _("CRM_NOW is not a date and time with a time zone: {value}").format(value=given),
            hint=_("Write it like {example}.").format(example="2024-05-10T09:30+08:00"),
        )
    return moment


def _patience(env: Mapping[str, str]) -> float | None:
    given = env.get("CRM_LOCK_TIMEOUT")
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 6:
        said = _("CRM_LOCK_TIMEOUT is not a whole number of seconds: {value}").format(value=given)
        raise Invalid(said, hint=_("Write it like {example}.").format(example="60"))
    return float(given)


def stated_language(option: str | None, env: Mapping[str, str]) -> str | None:
    """The language that --lang or CRM_LANG asks for, None when neither does."""
    asked = option or env.get("CRM_LANG")
    return _short(asked) if asked else None


def first_language(option: str | None, env: Mapping[str, str]) -> str:
    """The language to begin with, before any vault is known: as asked for, else the locale's."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return stated_language(option, env) or _short(locale)


def _short(name: str) -> str:
    return "zh" if name.lower().startswith("zh") else "en"


def settle_language(vault_language: str | None) -> None:
    """Speak the vault's language from now on, unless the person asked for one. Called once the vault is open."""
    if vault_language and session().language is None:
        set_language(_short(vault_language))
