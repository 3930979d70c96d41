"""Opens the vault a command works in, and speaks its language from then on."""

import re
from datetime import date, datetime
from pathlib import Path

from crmcli.cli.editor import sweep_usual
from crmcli.cli.failures import finding_words
from crmcli.cli.output import afterthought, note
from crmcli.cli.session import session, settle_language
from crmcli.errors import Invalid, Where
from crmcli.model.spelling import quoted
from crmcli.reports.safe_text import visible
from crmcli.store import attributes, merge_driver, passing, plain_signing
from crmcli.store.delivery import sweep
from crmcli.store.hooks import put_in_place
from crmcli.text import _
from crmcli.usecases.erasure import erase_certified
from crmcli.usecases.unread import unread
from crmcli.usecases.workplace import Workplace, open_workplace


def workplace() -> Workplace:
    """The vault of --vault or CRM_VAULT, else the nearest one upwards."""
    here = session()
    start = Path(here.vault_option) if here.vault_option else here.cwd
    if not here.dry_run:
        attributes.put_in_place(start, here.env, exact=bool(here.vault_option))
    work = open_workplace(
        start,
        here.env,
        here.now,
        turned=here.turned,
        exact=bool(here.vault_option),
        patience=here.patience,
        homes=here.homes,
    )
    settle_language(work.house.settings.language)
    if work.mended:
        note(visible(work.mended))
    if work.keyring and work.keyring.trusted.pinned_now:
        root = work.keyring.trusted.root
        note(
            _(
                "First use here: pinned the vault's root {root}. Compare it with a teammate's: `crm keys` shows it."
            ).format(root=root[:12])
        )
    if work.custom.warning:
        note(finding_words(work.custom.warning))
    sweep(work.vault.state)
    sweep_usual(here.env)
    passing.sweep(here.homes.data)
    if work.keyring and not here.dry_run and put_in_place(work.vault):
        note(_("Put the pre-commit hook in place that keeps clear text out of git."))
    if not here.dry_run:
        merge_driver.put_in_place(work.vault)
        plain_signing.put_in_place(work.vault)
    afterthought(lambda: (*unread(work), *work.asides))
    for finding in erase_certified(work).findings:
        note(finding_words(finding))
    return work


def day(text: str | None, option: str = "--at") -> date | None:
    """The day a person names (`--at 2026-05-10`, or a moment of that day); None for None."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Invalid(
            _("{value} is not a date.").format(value=quoted(text)),
            where=Where(field=option),
            hint=_("Write it like {example}.").format(example="2026-05-10"),
        ) from None


def day_or_commit(text: str | None, option: str) -> date | str | None:
    """The day a person names, or the name of a commit: whatever does not begin as a day does."""
    return text if text is not None and not re.match(r"\d{4}-", text) else day(text, option)
