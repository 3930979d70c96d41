"""The customer file: profile first, then lists of entries. The single source of everything that knows fields.

To add a field, add one line here (or in `profile`, `entries`); validation, JSON Schema, options, headings, labels, index
columns and sealing levels follow. No I/O, no clock.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import SkipValidation, ValidationInfo, field_validator, model_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.custom import CustomField, check_custom
from crmcli.model.entries import ClassMove, Contact, Hold, Interaction, Site, StatusMove, TierMove, Transaction
from crmcli.model.fields import Level, Spec, field, spec_of
from crmcli.model.profile import Bank, Collection, Facts, Rating, Score
from crmcli.model.scalars import (
    CreditCode,
    CustomerNumber,
    Date,
    Email,
    ExternalId,
    IdNumber,
    Key,
    Line,
    Owner,
    Phone,
    Region,
    Tag,
    Text,
    Uid,
    code,
)
from crmcli.text import _, label

OPEN, INTERNAL, CONFIDENTIAL, RESTRICTED = Level.OPEN, Level.INTERNAL, Level.CONFIDENTIAL, Level.RESTRICTED


class Dossier(Part):
    """One customer's file (R01-R06, R08, R09, R20, R21)."""

    id: CustomerNumber = field(
        "客户编号", "Number", OPEN, assigned=True, name="number", headings=("编号", "档案编号"), default=...
    )
    uid: Uid = field("内部标识", "Uid", OPEN, assigned=True, default=...)
    former: list[CustomerNumber] = field("曾用编号", "Former numbers", OPEN, assigned=True, default_factory=list)
    kind: Annotated[str, code("kind")] = field(
        "客户种类", "Kind", OPEN, example="individual", headings=("种类",), default=...
    )
    name: Line | None = field("姓名", "Name", INTERNAL, example="王示例", headings=("客户姓名",), only="individual")
    company: Line | None = field(
        "公司名称",
        "Company",
        OPEN,
        example="北京示例商贸有限公司",
        headings=("企业名称", "单位名称"),
        only="enterprise",
    )
    credit_code: CreditCode | None = field(
        "统一社会信用代码", "Credit code", OPEN, example="91110105MA0000000Y", headings=("信用代码",), only="enterprise"
    )
    industry: Annotated[str, code("industry")] | None = field(
        "所属行业", "Industry", OPEN, example="retail", headings=("行业",)
    )
    trade_type: Annotated[str, code("trade_type")] | None = field("客户类型", "Trade type", OPEN, example="retailer")
    relation: Annotated[str, code("relation")] | None = field(
        "直接或间接", "Direct or indirect", OPEN, example="direct"
    )
    phone: Phone | None = field(
        "联系电话",
        "Phone",
        CONFIDENTIAL,
        example="+8613800138000",
        headings=("电话", "手机", "手机号", "联系方式", "mobile"),
    )
    email: Email | None = field(
        "电子邮箱", "E-mail", CONFIDENTIAL, example="wang@example.com", headings=("邮箱", "email")
    )
    messenger: Line | None = field(
        "微信号", "Messenger id", CONFIDENTIAL, example="wx_example", headings=("微信", "wechat"), mask="head"
    )
    region: Region | None = field("所在地区", "Region", OPEN, example="北京市/朝阳区", headings=("地区", "区域"))
    address: Line | None = field("详细地址", "Address", CONFIDENTIAL, example="示例街 1 号", headings=("地址", "街道"))
    postcode: Line | None = field("邮编", "Postcode", CONFIDENTIAL, example="100020", headings=("邮政编码", "zip"))
    id_number: IdNumber | None = field(
        "证件号码",
        "ID number",
        RESTRICTED,
        example="11010519491231002X",
        headings=("身份证号", "身份证"),
        only="individual",
        mask="tail",
    )
    birthday: Date | None = field("生日", "Birthday", RESTRICTED, example="1949-12-31", only="individual")
    source: Annotated[str, code("source")] | None = field(
        "来源渠道", "Source", OPEN, example="store", headings=("来源", "渠道")
    )
    first_contact: Date | None = field(
        "首次接触时间", "First contact", OPEN, example="2024-05-10", headings=("首次接触",)
    )
    owner: Owner | None = field("跟进人", "Owner", OPEN, example="li.na", headings=("负责人", "业务员"))
    need: Text | None = field(
        "初步需求", "Initial need", INTERNAL, example="想了解会员价", headings=("需求", "需求偏好")
    )
    remarks: Text | None = field("备注", "Remarks", INTERNAL, example="周末联系", headings=("说明",))
    status: Annotated[str, code("status")] = field(
        "状态", "Status", OPEN, example="lead", headings=("客户状态",), default=...
    )
    tier: Annotated[str, code("tier")] | None = field("等级", "Tier", OPEN, example="gold", headings=("客户等级",))
    tier_until: Date | None = field("等级保留至", "Tier fixed until", OPEN, example="2026-12-31")
    retain_until: Date | None = field("法定保存至", "Keep by law until", OPEN, example="2030-12-31")
    tags: list[Tag] = field(
        "标签", "Tags", OPEN, example="vip", name="tag", headings=("客户标签", "tags"), default_factory=list
    )
    external: dict[Key, ExternalId] = field("外部编号", "External ids", INTERNAL, example="00004", default_factory=dict)
    classes: dict[Key, Key] = field("分类", "Classes", OPEN, example="a", assigned=True, default_factory=dict)
    # Checked below; pydantic's own check would make a plain text of a `Sealed`.
    custom: dict[Key, SkipValidation[str]] = field("自定义字段", "Custom fields", CONFIDENTIAL, default_factory=dict)
    collection: Collection | None = field("信息收集", "Lawful collection", OPEN)
    facts: Facts | None = field("企业情况", "Company facts", OPEN, only="enterprise")
    bank: Bank | None = field("银行信息", "Bank details", RESTRICTED)
    rating: Rating | None = field("评价", "Ratings", OPEN)
    score: Score | None = field("评分卡", "Score card", OPEN)
    contacts: list[Contact] = field("联系人", "Contacts", INTERNAL, noun="contact", default_factory=list)
    sites: list[Site] = field("其他地址", "Further addresses", CONFIDENTIAL, noun="site", default_factory=list)
    status_history: list[StatusMove] = field("状态记录", "Status history", OPEN, assigned=True, default_factory=list)
    tier_history: list[TierMove] = field("等级记录", "Tier history", OPEN, assigned=True, default_factory=list)
    class_history: list[ClassMove] = field("分类记录", "Class history", OPEN, assigned=True, default_factory=list)
    holds: list[Hold] = field("法律保留", "Legal holds", OPEN, assigned=True, default_factory=list)
    interactions: list[Interaction] = field(
        "沟通记录", "Interactions", INTERNAL, noun="interaction", default_factory=list
    )
    transactions: list[Transaction] = field("交易记录", "Transactions", OPEN, noun="sale", default_factory=list)

    @field_validator("custom", mode="before")
    @classmethod
    def _declared_custom(cls, value: Any, info: ValidationInfo) -> Any:
        declared: Mapping[str, CustomField] = getattr(info.context, "custom", None) or {}
        return check_custom(value, declared, info.context)

    @model_validator(mode="after")
    def _kind_fits(self, info: ValidationInfo) -> "Dossier":
        for name, spec in ONE_KIND.items():
            if getattr(self, name) is not None:
                self._refuse_other_kind(spec.only, spec, (name,))
        customs: Mapping[str, CustomField] = getattr(info.context, "custom", None) or {}
        for name in self.custom:
            self._refuse_other_kind(customs[name].only, customs[name], ("custom", name))
        return self

    def _refuse_other_kind(self, only: str | None, labels: Spec | CustomField, place: tuple[str, ...]) -> None:
        if only and only != self.kind:
            said = _("{field} does not belong to a customer of this kind.")
            other = {"name": "company", "company": "name"}.get(".".join(place))
            raise ValueProblem(
                said.format(field=label(en=labels.en, zh=labels.zh)),
                _("kind: {kind}").format(kind=only),
                _("Give {right} instead of {wrong}.").format(right=other, wrong=place[0]) if other else None,
                place=place,
            )

    @model_validator(mode="after")
    def _nothing_twice(self) -> "Dossier":
        for name in LISTS:
            known: set[str] = set()
            for index, item in enumerate(getattr(self, name)):
                word = item if isinstance(item, str) else item.id
                if word in known:
                    raise ValueProblem(_("{value} is listed twice.").format(value=word), place=(name, index))
                known.add(word)
        return self


SPECS = {name: spec_of(info) for name, info in Dossier.model_fields.items()}
ONE_KIND = {name: spec for name, spec in SPECS.items() if spec.only}
LISTS = ("tags", *(name for name, spec in SPECS.items() if spec.noun))
