"""Words for people, in the language chosen at the start of the process. English is the source; Chinese is complete.

`_` translates a whole sentence with `{name}` places; callers format afterwards: `_("no file {ref}").format(ref=ref)`.
`label` picks one of two labels that stand side by side on a field or a code.
"""

import gettext
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
CATALOGS = Path(__file__).parent / "locale"


class _Current:
    language: Language = "en"
    catalog: gettext.NullTranslations = gettext.NullTranslations()


def set_language(language: str) -> None:
    """Choose the language for everything said from now on; an unknown one means English."""
    _Current.language = "zh" if language == "zh" else "en"
    _Current.catalog = gettext.translation("crmcli", CATALOGS, [_Current.language], fallback=True)


def language() -> Language:
    """The language in force: `en` or `zh`."""
    return _Current.language


def _(message: str) -> str:
    """`message` in the current language."""
    return _Current.catalog.gettext(message)


def n_(one: str, many: str, count: int) -> str:
    """The form of a message that fits `count`."""
    return _Current.catalog.ngettext(one, many, count)


def label(*, en: str, zh: str) -> str:
    """The label in the current language."""
    return zh if _Current.language == "zh" else en
