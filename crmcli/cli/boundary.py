"""The one boundary: runs the command line and turns every way it can end into words and an exit code.

No traceback passes, unless CRM_DEBUG asks for it. With `--format json` a failure is the envelope on stdout and nothing
else; a reader that has gone away (`crm list | head`) is no failure.
"""

import gc
import os
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

from crmcli.cli import app, failures, output, session, streams
from crmcli.cli.options import glance
from crmcli.errors import CrmError, Invalid
from crmcli.text import _, set_language

UNREAD = re.compile("[\ud800-\udfff]")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `crm` with the arguments (this process's by default); the exit code."""
    # Thousands of records are read and kept: looking for garbage among them costs a fifth of the time and finds none.
    gc.set_threshold(100_000, 50, 100)
    streams.prepare()
    output.begin()
    arguments = list(sys.argv[1:] if argv is None else argv)
    seen = glance(arguments)
    try:
        return _run(arguments, seen)
    except streams.StdoutClosed:
        return output.exit_code()
    except (Exception, KeyboardInterrupt) as error:
        return _failed(error, seen)


def _run(arguments: list[str], seen: dict[str, Any]) -> int:
    set_language(session.first_language(seen.get("lang"), os.environ))
    words = [_decoded(word, place) for place, word in enumerate(arguments, start=1)]
    command = app.root()
    try:
        if "_CRM_COMPLETE" in os.environ:
            import_module("typer.completion").completion_init()
            command.main(words, prog_name="crm", obj={})
        with command.make_context("crm", words, obj={}) as ctx:
            command.invoke(ctx)
    except typer.Exit as stop:
        return stop.exit_code
    streams.put("")
    return output.exit_code()


def _decoded(word: str, place: int) -> str:
    """The argument; where the locale could not read its bytes they are taken as UTF-8. Raises Invalid otherwise."""
    if not UNREAD.search(word):
        return word
    try:
        return os.fsencode(word).decode("utf-8")
    except UnicodeError:
        raise Invalid(_("Argument {place} is not valid UTF-8.").format(place=place), kind="usage") from None


def _failed(error: BaseException, seen: dict[str, Any]) -> int:
    failure = failures.failure_from(error)
    if isinstance(failure, failures.InternalError) and os.environ.get("CRM_DEBUG"):
        traceback.print_exception(error)
    try:
        _tell(failure, seen)
    except (OSError, streams.StdoutClosed):
        return failure.exit
    return failure.exit


def _tell(failure: CrmError, seen: dict[str, Any]) -> None:
    if seen.get("format") == "json" and not output.emitted():
        streams.put(failures.envelope(failure))
    else:
        color = streams.may_color(sys.stderr, os.environ, bool(seen.get("no_color")))
        streams.say(failures.words(failure, color=color))
