"""What a field of the dossier says about itself: labels, level, headings, example. One declaration, every use.

`field()` declares; `spec_of()` reads back. Validation, JSON Schema, options, import headings, form labels, index columns
and sealing levels are all derived from these declarations (see `catalog`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field
from pydantic.fields import FieldInfo

from crmcli.text import label

CustomerKind = Literal["individual", "enterprise"]
Mask = Literal["phone", "email", "tail", "head"]


class Level(StrEnum):
    """Who may read a value (design: sealing): from whoever has a clone to managers only. Ordered."""

    OPEN = "open"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"

    @property
    def rank(self) -> int:
        """0 for open, 3 for restricted."""
        return list(Level).index(self)

    @property
    def label(self) -> str:
        """What people call it; the value is for files and programs."""
        en, zh = _LEVELS[self]
        return label(en=en, zh=zh)


_LEVELS = {
    Level.OPEN: ("open", "公开"),
    Level.INTERNAL: ("internal", "内部"),
    Level.CONFIDENTIAL: ("confidential", "保密"),
    Level.RESTRICTED: ("restricted", "机密"),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """The declaration of one field."""

    zh: str
    en: str
    level: Level
    example: str = ""
    headings: tuple[str, ...] = ()
    only: CustomerKind | None = None
    noun: str | None = None
    name: str | None = None
    assigned: bool = False
    mask: Mask | None = None


def field(
    zh: str,
    en: str,
    level: Level = Level.CONFIDENTIAL,
    *,
    example: str = "",
    headings: tuple[str, ...] = (),
    only: CustomerKind | None = None,
    noun: str | None = None,
    name: str | None = None,
    assigned: bool = False,
    mask: Mask | None = None,
    **more: Any,
) -> Any:
    """A field of the model.

    zh, en    labels in both languages
    level     who may read it; confidential unless said otherwise (default deny)
    example   a valid value, for help and forms
    headings  further column headings that an import recognises
    only      the kind of customer the field belongs to; None for both
    noun      for lists of entries: the command group and query prefix ("interaction")
    name      what queries and options call it, where the file's key is not that word
    assigned  given by the system, not by people: not an option, not a heading
    mask      how much of it shows in a sealed vault unless it is revealed (`masks`); phones and e-mail addresses have theirs
    more      pydantic's own (default, default_factory, …); without either the field is optional
    """
    if "default" not in more and "default_factory" not in more:
        more["default"] = None
    spec = Spec(zh, en, level, example, headings, only, noun, name, assigned, mask)
    return Field(title=en, json_schema_extra={"crm": spec}, **more)  # type: ignore[dict-item]


def spec_of(info: FieldInfo) -> Spec:
    """The declaration of a pydantic field; TypeError for one not made by `field()`."""
    extra = info.json_schema_extra
    if not isinstance(extra, dict) or not isinstance(extra.get("crm"), Spec):
        raise TypeError(f"declare the field with field(): {info!r}")
    return extra["crm"]  # type: ignore[return-value]
