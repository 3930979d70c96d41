"""Build hook: compiles the message catalogs (.po) into what gettext reads (.mo) at every build, editable ones included."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_all(folder: Path) -> None:
    """Compile each `LANG/LC_MESSAGES/*.po` below `folder` to a `.mo` beside it."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)


class CompileCatalogs(BuildHookInterface):  # type: ignore[type-arg, unused-ignore]
    """Hatch calls this before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogs in the source tree."""
        compile_all(Path(self.root) / "crmcli" / "locale")
