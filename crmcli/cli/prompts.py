"""Guided entry: asks for what a complete file of the kind holds, checks each answer at once, takes an empty one as none."""

import sys

from crmcli.cli.failures import FULL_WIDTH
from crmcli.cli.output import note
from crmcli.errors import Invalid, ValueProblem
from crmcli.model.catalog import CatalogField
from crmcli.model.derive import scalars
from crmcli.reports.safe_text import visible
from crmcli.text import _, label, language
from crmcli.usecases.workplace import Workplace

FURTHER = ("email", "owner", "need", "tag")


def ask(work: Workplace) -> tuple[dict[str, str], bool]:
    """The answers by dotted field name, and whether the person chose to leave a required one out.

    Invalid when the input ends before the last question.
    """
    given = {"kind": _answer(work, work.fields["kind"], must=True)}
    rule = work.house.completeness
    kind = given["kind"]
    required = rule.required.get(kind, [])  # type: ignore[call-overload]
    names = (*required, *rule.later.get(kind, ()), *FURTHER)  # type: ignore[call-overload]
    for name in dict.fromkeys(names):
        answer = _answer(work, work.fields[name], required=name in required)
        if answer:
            given[name] = answer
    return given, any(name not in given for name in required)


def _answer(work: Workplace, field: CatalogField, *, must: bool = False, required: bool = False) -> str:
    """One answer; empty for none. A required field is asked for twice before an empty answer counts."""
    mark = "* " if must or required else ""
    while True:
        text = _line(mark + _question(work, field))
        if not text and required:
            required = False
            note(_("A complete file holds this. Leave it empty again to enter the file with the gap."))
            continue
        if not text and not must:
            return ""
        try:
            return checked(work, field, text)
        except ValueProblem as problem:
            note(visible(told(problem)))


def told(problem: ValueProblem) -> str:
    """What is wrong with a value, what was expected and what may help, in one line."""
    said = problem.message
    if problem.expected:
        said += _(" (expected {what})").format(what=problem.expected)
    gap = "" if said.endswith(FULL_WIDTH) else " "
    return f"{said}{gap}{problem.hint}" if problem.hint else said


def checked(work: Workplace, field: CatalogField, text: str) -> str:
    """The value as the file has it; ValueProblem for one that does not hold."""
    scalar = scalars(work.house.custom)[field.name]
    if field.many:
        return text
    return scalar.print(scalar.parse(text, work.house))


def _question(work: Workplace, field: CatalogField) -> str:
    words = work.house.codes.get(field.codes or "", {})
    choices = " / ".join(f"{code} {getattr(words[code], language())}" for code in list(words)[:12])
    example = _("e.g. {example}").format(example=field.example) if field.example else ""
    hint = choices or example
    return f"{label(en=field.en, zh=field.zh)}{f' ({hint})' if hint else ''}: "


def _line(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise Invalid(_("The input is not valid UTF-8.")) from None
    if not line:
        raise Invalid(_("The input ended before the last question."))
    return line.strip()
