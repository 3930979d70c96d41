"""The notice that tells a customer of a new tier, in Chinese and in English, whatever language the program speaks.

Praise only where the tier rises, by the order of the house's list of tiers; otherwise the plain fact.
"""

from dataclasses import dataclass
from datetime import date

from crmcli.model.house import House
from crmcli.text import Language


@dataclass(frozen=True, slots=True)
class Change:
    """A customer's name, the tier before, the tier now (None for no tier), and the day it holds since."""

    name: str
    old: str | None
    new: str | None
    since: date


def notice(change: Change, house: House, language: Language, benefits: str | None = None) -> str:
    """The text to send."""
    return _chinese(change, house, benefits) if language == "zh" else _english(change, house, benefits)


def rises(change: Change, house: House) -> bool:
    """Whether the new tier stands higher than the old one; a first tier is neither higher nor lower."""
    order = list(house.codes.get("tier", ()))
    if change.old not in order or change.new not in order:
        return False
    return order.index(change.new) > order.index(change.old)


def _chinese(change: Change, house: House, benefits: str | None) -> str:
    day = f"{change.since.year}年{change.since.month}月{change.since.day}日"
    old, new = (house.label("tier", tier or "", "zh") for tier in (change.old, change.new))
    if change.new is None:
        said = f"自{day}起，您不再享有“{old}”会员等级。"
    elif change.old is None:
        said = f"自{day}起，您的会员等级为“{new}”。"
    elif rises(change, house):
        said = f"感谢您长期以来的支持！自{day}起，您的会员等级由“{old}”升为“{new}”。"
    else:
        said = f"自{day}起，您的会员等级由“{old}”调整为“{new}”。"
    gains = f"您可享受以下权益：{benefits}。" if benefits else ""
    return f"尊敬的{change.name or '客户'}：{said}{gains}如有疑问，请随时与我们联系。"


def _english(change: Change, house: House, benefits: str | None) -> str:
    day = change.since.isoformat()
    old, new = (house.label("tier", tier or "", "en") for tier in (change.old, change.new))
    if change.new is None:
        said = f"as of {day} your membership tier {old} has ended."
    elif change.old is None:
        said = f"as of {day} your membership tier is {new}."
    elif rises(change, house):
        said = f"thank you for your loyalty! As of {day} your membership tier has risen from {old} to {new}."
    else:
        said = f"as of {day} your membership tier has changed from {old} to {new}."
    gains = f" Your benefits: {benefits}." if benefits else ""
    return f"Dear {change.name or 'customer'}, {said}{gains} Please ask us whenever you have a question."
