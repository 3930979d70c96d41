"""Which reports there are, what each needs, and the period it covers when nobody names one."""

from crmcli.reports.values import Table
from crmcli.reports.wording import text
from crmcli.text import label
from crmcli.usecases.report import KINDS, Kind

OPTIONS = {
    "ref": "REF",
    "period": "[--from --to]",
    "depth": "[--depth]",
    "days": "[--days]",
    "top": "[--top]",
    "reveal": "[--reveal]",
}


def listed(*, people: bool) -> Table:
    """A line a report; programs see the requirement it meets, too."""
    columns = (
        text("name", en="Name", zh="名称"),
        text("title", en="Title", zh="标题"),
        text("requirement", en="Requirement", zh="需求"),
        text("takes", en="Takes", zh="参数"),
        text("period", en="Usual period", zh="默认时段"),
    )
    rows = tuple(_line(name, kind) for name, kind in KINDS.items())
    return Table(tuple(one for one in columns if not (people and one.name == "requirement")), rows, "name")


def _line(name: str, kind: Kind) -> dict[str, str]:
    takes = " ".join((*(OPTIONS[part] for part in kind.takes), "[--at]"))
    line = {"name": name, "title": kind.title(), "requirement": kind.requirement, "takes": takes}
    return {**line, "period": _usual(kind)}


def _usual(kind: Kind) -> str:
    if "period" not in kind.takes:
        return ""
    return kind.usual.words() if kind.usual else label(en="all", zh="全部")
