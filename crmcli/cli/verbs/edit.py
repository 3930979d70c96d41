"""`crm edit REF`: the file in your editor, checked when it comes back, reopened with what is wrong."""

from crmcli.cli import editor
from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.output import confirm, note
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, REASON, REVEAL, revealing, why
from crmcli.errors import CrmError, Invalid, Refused
from crmcli.reports.safe_text import visible
from crmcli.text import _
from crmcli.usecases.change import Outcome, Why
from crmcli.usecases.edit import Sheet, hand_out, marked, take_back
from crmcli.usecases.workplace import Workplace


def command(ref: REF, reason: REASON = None, note_: NOTE = None, reveal: REVEAL = False) -> None:
    """Edit a customer in an editor. With --reveal the reason is why masked values are shown."""
    _refuse_without_terminal()
    work = workplace()
    shown = revealing(work, reveal, reason) if reveal else None
    given = Why(note=note_) if reveal else why(work, reason, note_)
    tell(_until_it_holds(work, hand_out(work, ref, reveal=shown), given), _("Updated {numbers}."))


def _refuse_without_terminal() -> None:
    """An editor that a person chose may be a program; the usual ones would wait for keys that never come."""
    here = session()
    if not (here.interactive or here.env.get("VISUAL") or here.env.get("EDITOR")):
        raise Refused(_("There is no terminal to edit at."), hint=_("`crm update REF --set NAME=VALUE` needs none."))


def _until_it_holds(work: Workplace, sheet: Sheet, given: Why) -> Outcome:
    text = sheet.text
    while True:
        edited = editor.edit(text)
        if edited is None:
            return Outcome(None, (sheet.record.number,))
        try:
            return take_back(work, sheet, edited, why=given, dry_run=session().dry_run)
        except Invalid as error:
            if not _again(error):
                raise _kept(error, edited) from error
            text = marked(edited, error)
        except CrmError as error:
            raise _kept(error, edited) from error


def _again(error: Invalid) -> bool:
    if not session().interactive:
        return False
    note(visible(error.message))
    return confirm(_("Open the editor again?"))


def _kept(error: CrmError, edited: str) -> CrmError:
    """The error, with the place where the person's text is kept for them."""
    place = _("Your text is kept in {path}.").format(path=editor.keep(edited))
    error.hint = f"{error.hint}\n{place}" if error.hint else place
    return error
