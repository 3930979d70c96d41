"""The wrapped masters, `schemas/keys.yaml` (`sealing/FORMAT.md`, section 4). Pure: nothing is unwrapped here, no I/O."""

from typing import Annotated, Literal

from pydantic import Field

from crmcli.model.base import Part
from crmcli.model.devices import Generation, Wrapped
from crmcli.model.fields import Level
from crmcli.model.scalars import Owner

PATH = "schemas/keys.yaml"


class Keys(Part):
    """Level → generation → person → the master, encrypted to that person's devices (base64 of an age file)."""

    format: Literal["1"] = "1"
    wrapped: Annotated[dict[Level, dict[Generation, dict[Owner, Wrapped]]], Field(default_factory=dict)]

    def of(self, level: Level, generation: int, person: str) -> str | None:
        """One master as it is wrapped for one person; None where it is not."""
        return self.wrapped.get(level, {}).get(generation, {}).get(person)
