"""Tiny worlds for reports: the shipped house rules, and dossiers made of their dates, amounts and words alone."""

from datetime import date
from functools import cache
from pathlib import Path

from crmcli.model import plain
from crmcli.model.dossier import Dossier
from crmcli.model.house import Codes, Completeness, CustomFields, House, Settings
from crmcli.reports.period import Period
from crmcli.reports.values import Report, Table
from crmcli.reports.wording import Wording
from crmcli.store.yamlread import parse

ROOT = Path(__file__).parents[2]


@cache
def house(currency: str = "CNY") -> House:
    codes = rules("codes.yaml", Codes)
    custom = rules("custom-fields.yaml", CustomFields).fields
    settings = rules("vault.yaml", Settings).model_copy(update={"currency": currency})
    return House(settings, codes.lists, tuple(codes.regions), custom, rules("completeness.yaml", Completeness))


def rules(name, model):
    return model.model_validate(parse((ROOT / "schemas" / name).read_bytes(), name).tree)


def codes_only(currency: str = "CNY") -> Wording:
    """Cells as programs get them."""
    return Wording(house(currency), people=False)


def in_words() -> Wording:
    return Wording(house())


def customer(
    number: str, *moves: str, sales: tuple[str, ...] = (), tiers: tuple[str, ...] = (), **more: str
) -> Dossier:
    """`customer("C20240510001", "2024-05-10 lead", sales=("2024-06-01 12.50", "2024-06-02 3 USD"), relation="direct")`."""
    tree = {"id": number, "uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "kind": "individual", **more}
    tree["status_history"] = [move("H", "status", at, line) for at, line in enumerate(moves)]
    tree["tier_history"] = [move("G", "tier", at, line) for at, line in enumerate(tiers)]
    tree["transactions"] = [sale(at, line) for at, line in enumerate(sales)]
    tree.setdefault("status", moves[-1].split()[1] if moves else "lead")
    if tiers and tiers[-1].split()[1] != "-":
        tree["tier"] = tiers[-1].split()[1]
    return plain.read(tree, house())


def move(letter: str, name: str, at: int, line: str) -> dict[str, str]:
    day, code = line.split()
    return {"id": f"{letter}{at:08d}", "date": day} | ({} if code == "-" else {name: code})


def sale(at: int, line: str) -> dict[str, str]:
    day, amount, currency = (*line.split(), "CNY")[:3]
    return {"id": f"S{at:08d}", "date": day, "product": "x", "amount": amount, "currency": currency}


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


def table(report: Report, name: str) -> Table:
    (found,) = [one for one in report.tables if one.name == name]
    return found


def line(report: Report, name: str, first: str) -> dict[str, str]:
    """The row of a table that begins with a word."""
    of = table(report, name)
    (found,) = [row for row in of.rows if row[of.columns[0].name] == first]
    return dict(found)


def chosen(row: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in names)
