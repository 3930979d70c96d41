"""Destruction register 销毁登记表 (R61): every certificate of a destroyed customer as a line. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmcli.model.retention import REQUEST
from crmcli.reports.period import Period
from crmcli.reports.values import Column, Report, Table
from crmcli.reports.wording import Wording, text
from crmcli.text import label

Tree = Mapping[str, Any]
TOLD_APART = ("format", "kind")
CODES = {
    "file-deleted": ("file deleted", "删除档案文件"),
    "key-destroyed": ("key destroyed", "密钥销毁"),
    "not reached": ("not reached", "未触及"),
    "unreadable": ("unreadable", "不可读"),
    "clear-text": ("partly in clear", "部分为明文"),
    "open-fields": ("open fields", "公开字段"),
    REQUEST: ("the customer's request", "客户本人要求"),
}


def title() -> str:
    """The report's title."""
    return label(en="Destruction register", zh="信息销毁登记表")


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One certificate: the number, the moment of destruction, and all it says as a plain tree."""

    number: str
    at: datetime
    tree: Tree


def destruction(certificates: Sequence[Destroyed], wording: Wording, period: Period | None = None) -> Report:
    """The register, oldest first; only what was destroyed in a period when one is given (days of the vault's zone)."""
    found = sorted(certificates, key=lambda one: (one.at, one.number))
    zone = wording.house.zone
    rows = [_line(one.tree, wording) for one in found if period is None or one.at.astimezone(zone).date() in period]
    columns = _columns(rows, wording)
    names = {column.name for column in columns}
    shown = tuple({name: cell for name, cell in row.items() if name in names} for row in rows)
    table = Table(columns, shown, "number", label(en="Certificates", zh="销毁记录"), "certificates")
    histories = {str(one.tree.get("history")) for one in found}
    return Report("destruction", title(), (table,), _notes(histories), period.iso if period else None)


def _line(tree: Tree, wording: Wording) -> dict[str, str]:
    found = {name: value for name, value in _flat(tree, "") if name not in TOLD_APART}
    return worded(found) if wording.people else found


def worded(line: Mapping[str, str]) -> dict[str, str]:
    """What a certificate says, for people: words in place of its codes."""
    return {name: label(en=said[0], zh=said[1]) if (said := CODES.get(text)) else text for name, text in line.items()}


def _flat(node: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(node, Mapping):
        return [leaf for key, below in node.items() for leaf in _flat(below, f"{name}.{key}" if name else key)]
    if isinstance(node, list):
        return [(name, ", ".join(" ".join(text for _name, text in _flat(item, "")) for item in node))]
    return [(name, str(node))]


def _columns(rows: Sequence[Mapping[str, str]], wording: Wording) -> tuple[Column, ...]:
    """What R50 asks of a record, then whatever else the certificates say; uid and hashes for machines alone."""
    asked = (
        text("number", en="Number", zh="客户编号"),
        text("left_on", en="Left on", zh="终止或流失日期"),
        text("destroyed_at", en="Destroyed at", zh="销毁时间"),
        text("method", en="Method", zh="销毁方式"),
        text("rule", en="Rule", zh="销毁原因"),
        text("clause", en="Clause", zh="制度条款"),
        text("requested_by", en="Requested by", zh="申请人"),
        text("approved_by", en="Approved by", zh="审核人"),
        text("destroyed_by", en="Destroyed by", zh="执行人"),
        text("history", en="Earlier versions", zh="历史版本"),
        text("plan", en="Plan", zh="销毁计划"),
    )
    sealed = (
        text("readable", en="Still readable", zh="仍可读"),
        text("copies", en="Out of reach", zh="未触及的副本"),
        text("retired", en="Retired devices", zh="停用的设备"),
    )
    technical = (text("uid", en="Uid", zh="内部标识"), text("plan_file", en="Hash of the plan", zh="计划文件哈希"))
    digests = (text("salts", en="Digests of the keys", zh="密钥摘要"),)
    named = {name for row in rows for name in row}
    optional = (*sealed, *(() if wording.people else digests))
    known = {column.name for column in (*asked, *technical, *sealed, *digests)}
    shown = (*asked, *(() if wording.people else technical), *(one for one in optional if one.name in named))
    return (*shown, *(Column(name, name) for name in sorted(named - known)))


def _notes(histories: set[str]) -> tuple[str, ...]:
    always = label(
        en="A line a destroyed customer, from the certificates in records/purged; a number listed here is never "
        "given again.",
        zh="每行一位已销毁的客户，取自 records/purged 中的销毁证明；表中编号不再启用。",
    )
    unreadable = label(
        en="Unreadable: the customer's key was destroyed; of earlier versions only the open fields can be read.",
        zh="历史版本“不可读”：该客户的密钥已销毁，以前的内容仅公开字段可读。",
    )
    not_reached = label(
        en="Earlier versions not reached: the vault is open, git's history still holds what the file once said.",
        zh="历史版本“未触及”：档案库未加密，git 历史中仍保留该档案以前的内容。",
    )
    clear = label(
        en="Partly in clear: the key was destroyed, but the history holds versions from before they were sealed; only "
        "rewriting it removes these.",
        zh="历史版本“部分为明文”：密钥已销毁，但 git 历史中仍有加密前的明文版本，须重写历史才能清除。",
    )
    said = {"unreadable": unreadable, "clear-text": clear, "not reached": not_reached}
    return (always, *(note for history, note in said.items() if history in (histories or {"not reached"})))
