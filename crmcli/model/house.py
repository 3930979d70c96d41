"""The house rules of a vault as values: settings, codes, custom fields, what a complete file needs. No I/O.

A `House` is also the context every dossier is validated in (`codes`, `custom`, `regions`, `zone`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.custom import CodeLabel, CustomField
from crmcli.model.fields import CustomerKind
from crmcli.model.scalars import Currency, Flag, Key, Line, Uid
from crmcli.text import LANGUAGES, _, label

CodeList = dict[Key, CodeLabel]
FORMAT = "1"


class Settings(Part):
    """`schemas/vault.yaml`."""

    id: Uid
    format: str
    language: str = "zh"
    currency: Currency = "CNY"
    time_zone: str = "Asia/Shanghai"
    sealing: Flag = False
    rehearsal: Flag = False

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value != FORMAT:
            raise ValueProblem(
                _("Vault format {format} is newer than this program.").format(format=value),
                expected=FORMAT,
                hint=_("Update crm."),
            )
        return value

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueProblem(_("Unknown language {value}.").format(value=value), expected=" | ".join(LANGUAGES))
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return str(ZoneInfo(value))
        except (KeyError, ValueError, OSError):
            raise ValueProblem(_("Unknown time zone {value}.").format(value=value), expected="Asia/Shanghai") from None


class Codes(Part):
    """`schemas/codes.yaml`: the words a coded field may hold, with both labels, and divisions the table lacks."""

    lists: Annotated[dict[Key, CodeList], Field(default_factory=dict)]
    regions: Annotated[list[Line], Field(default_factory=list)]


class Completeness(Part):
    """`schemas/completeness.yaml`: what a complete file of each kind holds (R02, R25).

    required  a file without it is refused at entry unless it is marked incomplete
    later     belongs to a complete file, may be handed in later; its absence is shown, not refused
    """

    required: dict[CustomerKind, list[Line]]
    later: Annotated[dict[CustomerKind, list[Line]], Field(default_factory=dict)]


class CustomFields(Part):
    """`schemas/custom-fields.yaml`."""

    fields: Annotated[dict[Key, CustomField], Field(default_factory=dict)]


@dataclass(frozen=True)
class House:
    """All house rules of one vault."""

    settings: Settings
    lists: Mapping[str, CodeList]
    regions: tuple[str, ...]
    custom: Mapping[str, CustomField]
    completeness: Completeness

    @cached_property
    def zone(self) -> ZoneInfo:
        """The vault's time zone."""
        return ZoneInfo(self.settings.time_zone)

    @cached_property
    def codes(self) -> Mapping[str, Mapping[str, CodeLabel]]:
        """Every code list by name, those of custom fields as `custom.<name>`."""
        own = {f"custom.{name}": declared.choices for name, declared in self.custom.items() if declared.choices}
        return {**self.lists, **own}

    def label(self, code_list: str | None, code: str, language: str) -> str:
        """The label of a code in `language`; the code itself where the list does not know it."""
        found = self.codes.get(code_list or "", {}).get(code)
        return code if found is None else str(getattr(found, language))

    def spoken(self, code_list: str, code: str) -> str:
        """A code as a sentence has it: an English one as it stands, a Chinese one by its label."""
        return label(en=code, zh=self.label(code_list, code, "zh"))


def settings_of(tree: Mapping[str, Any]) -> Settings:
    """The settings from the plain tree of `vault.yaml`; pydantic's ValidationError where they do not hold."""
    return Settings.model_validate(dict(tree))
