"""The base of every part of a dossier: immutable, no unknown keys, only declared fields."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A mapping in a customer file. Field order is the canonical order of the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Entry(Part):
    """A dated or listed entry with an id of its own: its kind's letter and eight random characters, never renumbered."""

    letter: ClassVar[str]
    id: str
