"""The lists of a customer file: contacts, further addresses, interactions, transactions, moves of status and tier.

A new kind of entry is one class here and one field in `dossier`; commands, headings, query fields and index follow.
"""

from typing import Annotated, ClassVar

from crmcli.model.base import Entry
from crmcli.model.fields import Level, field
from crmcli.model.scalars import (
    Amount,
    Currency,
    Date,
    Email,
    ExternalId,
    Key,
    Line,
    Moment,
    Owner,
    Phone,
    Quantity,
    Region,
    Text,
    code,
    entry_id,
)

OPEN, INTERNAL, CONFIDENTIAL, RESTRICTED = Level.OPEN, Level.INTERNAL, Level.CONFIDENTIAL, Level.RESTRICTED


class Contact(Entry):
    """A contact person and their part in decisions (R04)."""

    letter: ClassVar[str] = "P"
    id: Annotated[str, entry_id("P")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    name: Line = field("联系人", "Contact person", INTERNAL, example="李示例", headings=("联系人姓名",), default=...)
    position: Line | None = field("职位", "Position", INTERNAL, example="采购经理", headings=("职务", "联系人职位"))
    phone: Phone | None = field("联系人电话", "Contact's phone", CONFIDENTIAL, example="+8613900139000")
    email: Email | None = field("联系人邮箱", "Contact's e-mail", CONFIDENTIAL, example="li@example.com")
    role: Annotated[str, code("role")] | None = field("决策角色", "Role in decisions", OPEN, example="decider")
    traits: Text | None = field("个人特点", "Personal traits", CONFIDENTIAL, example="喜欢先看样品")
    birthday: Date | None = field("联系人生日", "Contact's birthday", RESTRICTED, example="1980-02-03")


class Site(Entry):
    """A further address of the customer: delivery, invoice, branch (R03)."""

    letter: ClassVar[str] = "A"
    id: Annotated[str, entry_id("A")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    use: Annotated[str, code("site_use")] | None = field("地址用途", "Use of the address", OPEN, example="delivery")
    region: Region | None = field("地址所在地区", "Region of the address", OPEN, example="上海市/浦东新区")
    street: Line = field("街道地址", "Street address", CONFIDENTIAL, example="示例路 8 号 2 楼", default=...)
    postcode: Line | None = field("地址邮编", "Postcode of the address", CONFIDENTIAL, example="200120")


class Interaction(Entry):
    """A call, visit, meeting, message, and what follows from it (R09)."""

    letter: ClassVar[str] = "I"
    id: Annotated[str, entry_id("I")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    at: Moment = field("沟通时间", "At", OPEN, example="2024-05-10T09:30+08:00", headings=("时间",), default=...)
    channel: Annotated[str, code("channel")] = field("沟通方式", "Channel", OPEN, example="call", default=...)
    matter: Annotated[str, code("matter")] | None = field("事务类型", "Matter", OPEN, example="follow-up")
    by: Owner | None = field("沟通人", "By", OPEN, example="li.na", headings=("记录人",))
    contact: Line | None = field("沟通对象", "With", INTERNAL, example="李示例")
    summary: Text = field(
        "沟通内容", "Summary", INTERNAL, example="询问新品到货时间", headings=("内容", "摘要"), default=...
    )
    next_step: Text | None = field("下一步", "Next step", INTERNAL, example="寄送样品", headings=("后续行动",))
    next_on: Date | None = field("下次日期", "Next step on", OPEN, example="2024-05-17", headings=("下次跟进日期",))
    external: ExternalId | None = field("外部编号", "External id", INTERNAL, example="CALL-0042")


class Transaction(Entry):
    """A purchase: one product or service on one day (R08)."""

    letter: ClassVar[str] = "S"
    id: Annotated[str, entry_id("S")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    date: Date = field("购买日期", "Date", OPEN, example="2024-05-10", headings=("日期", "交易日期"), default=...)
    product: Line = field(
        "产品或服务", "Product", OPEN, example="会员卡", headings=("产品", "商品", "服务"), default=...
    )
    quantity: Quantity | None = field("数量", "Quantity", OPEN, example="2")
    price: Amount | None = field("单价", "Unit price", OPEN, example="199.00")
    amount: Amount = field("金额", "Amount", OPEN, example="398.00", default=...)
    currency: Currency = field("币种", "Currency", OPEN, example="CNY", default=...)
    payment: Annotated[str, code("payment")] | None = field("付款方式", "Payment", OPEN, example="wechat-pay")
    remarks: Text | None = field("交易备注", "Remarks on the sale", INTERNAL, example="生日当天购买")
    external: ExternalId | None = field("订单号", "Order number", INTERNAL, example="A-1001", headings=("外部单号",))


class StatusMove(Entry):
    """One move along lead → active → ended | churned → archived, or back."""

    letter: ClassVar[str] = "H"
    id: Annotated[str, entry_id("H")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    date: Date = field("状态日期", "Date", OPEN, example="2024-05-10", default=...)
    status: Annotated[str, code("status")] = field("状态", "Status", OPEN, example="active", default=...)
    reason: Annotated[str, code("reason")] | None = field("变更原因", "Reason", OPEN, example="first-purchase")


class TierMove(Entry):
    """One change of tier, by a person (reason) or by rule (what the rule saw) (R44)."""

    letter: ClassVar[str] = "G"
    id: Annotated[str, entry_id("G")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    date: Date = field("等级日期", "Date", OPEN, example="2024-05-10", default=...)
    tier: Annotated[str, code("tier")] | None = field("等级", "Tier", OPEN, example="gold")
    reason: Annotated[str, code("reason")] | None = field("变更原因", "Reason", OPEN, example="review")
    rule: Line | None = field("评定依据", "Why by rule", OPEN, example="spend:>=20000 (spend 21300.00)")


class ClassMove(Entry):
    """One change of class in a scheme other than the tiers (R41, R44)."""

    letter: ClassVar[str] = "V"
    id: Annotated[str, entry_id("V")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    date: Date = field("分类日期", "Date", OPEN, example="2024-05-10", default=...)
    scheme: Key = field("分类方案", "Scheme", OPEN, example="abc", default=...)
    to: Key = field("新类别", "Class", OPEN, example="a", default=...)
    rule: Line | None = field("分类依据", "Why", OPEN, example="share_above:<80 (share_above 12.5)")


class Hold(Entry):
    """A legal hold: while it stands nothing of the customer is destroyed (R49)."""

    letter: ClassVar[str] = "L"
    id: Annotated[str, entry_id("L")] = field("条目编号", "Entry id", OPEN, assigned=True, default=...)
    date: Date = field("保留日期", "Since", OPEN, example="2024-05-10", default=...)
    reason: Annotated[str, code("hold_reason")] = field("保留原因", "Reason", OPEN, example="litigation", default=...)
    released: Date | None = field("解除日期", "Released on", OPEN, example="2025-05-10")
