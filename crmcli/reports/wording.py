"""Words in the cells of a report: labels in the language in force for people, codes for machines."""

from dataclasses import dataclass

from crmcli.model.house import House
from crmcli.reports.values import Column
from crmcli.text import label, language


@dataclass(frozen=True, slots=True)
class Wording:
    """How cells are worded in a vault; `people` is False for forms that programs read."""

    house: House
    people: bool = True

    @property
    def currency(self) -> str:
        """The currency that sales are counted in."""
        return self.house.settings.currency

    def code(self, codes: str, code: str | None) -> str:
        """A code's label, or the code itself; a word of its own where there is none."""
        if code is None and codes == "tier":
            return self.own("none", en="No tier", zh="无等级")
        if code is None:
            return self.own("none", en="Not stated", zh="未填写")
        return self.house.label(codes, code, language()) if self.people else code

    def own(self, name: str, *, en: str, zh: str) -> str:
        """A word of the report's own: `name` for machines."""
        return label(en=en, zh=zh) if self.people else name

    def total(self) -> str:
        """The word for the last line of a table."""
        return self.own("total", en="Total", zh="合计")

    def sales(self, name: str, *, en: str, zh: str) -> Column:
        """A column of amounts in the vault's currency."""
        return Column(name, f"{label(en=en, zh=zh)} ({self.currency})", numeric=True)


def number(name: str, *, en: str, zh: str) -> Column:
    """A column of figures."""
    return Column(name, label(en=en, zh=zh), numeric=True)


def text(name: str, *, en: str, zh: str, prose: bool = False) -> Column:
    """A column of words."""
    return Column(name, label(en=en, zh=zh), prose=prose)


def row(**cells: str | int) -> dict[str, str]:
    """A row without its empty cells."""
    return {name: str(cell) for name, cell in cells.items() if cell != ""}
