"""A small catalogue and a few customers for the tests of the index."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crmcli.index.build import Index, build
from crmcli.index.query import compile_query
from crmcli.index.rows import Row
from crmcli.index.search import search
from crmcli.model.catalog import CatalogField
from crmcli.model.fields import Level

NOW = datetime(2024, 8, 31, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def entry(name, kind, zh, en, *key, **more):
    return CatalogField(name, kind, Level.OPEN, zh, en, key or (name,), **more)


FIELDS = (
    entry("number", "id", "客户编号", "Number", "id", headings=("编号",), assigned=True),
    entry("former", "id", "曾用编号", "Former numbers", many=True),
    entry("name", "text", "姓名", "Name", headings=("客户姓名",)),
    entry("company", "text", "公司名称", "Company"),
    entry("phone", "phone", "联系电话", "Phone", headings=("电话",)),
    entry("email", "email", "电子邮箱", "E-mail"),
    entry("region", "region", "所在地区", "Region"),
    entry("id_number", "id", "证件号码", "ID number"),
    entry("credit_code", "id", "统一社会信用代码", "Credit code"),
    entry("status", "code", "状态", "Status", codes="status"),
    entry("tier", "code", "等级", "Tier", codes="tier", headings=("客户等级",)),
    entry("remarks", "text", "备注", "Remarks"),
    entry("tag", "text", "标签", "Tags", "tags", many=True),
    entry("external", "id", "外部编号", "External ids", many=True, table=True),
    entry("likes", "text", "偏好", "Preferences", many=True, table=True),
    entry("collection.basis", "text", "合法性基础", "Legal basis", "collection", "basis"),
    entry("custom.newsletter", "flag", "订阅", "Newsletter", "custom", "newsletter"),
    entry("interaction.id", "id", "条目编号", "Entry id", "interactions", "id", noun="interaction", assigned=True),
    entry("interaction.at", "moment", "沟通时间", "At", "interactions", "at", noun="interaction"),
    entry(
        "interaction.channel",
        "code",
        "沟通方式",
        "Channel",
        "interactions",
        "channel",
        noun="interaction",
        codes="channel",
    ),
    entry("interaction.summary", "text", "沟通内容", "Summary", "interactions", "summary", noun="interaction"),
    entry("sale.on", "date", "购买日期", "On", "transactions", "on", noun="sale"),
    entry("sale.product", "text", "产品", "Product", "transactions", "product", noun="sale"),
    entry("sale.amount", "amount", "金额", "Amount", "transactions", "amount", noun="sale"),
    entry("orders", "integer", "购买次数", "Purchases", metric=True),
    entry("spend", "amount", "累计消费", "Total spend", metric=True),
    entry("last_purchase", "date", "最近购买", "Last purchase", metric=True),
    entry("last_contact", "date", "最近联系", "Last contact", metric=True),
)


@dataclass(frozen=True)
class Labels:
    zh: str
    en: str


CODES = {
    "status": {"lead": Labels("潜在", "Lead"), "active": Labels("活跃", "Active"), "ended": Labels("结束", "Ended")},
    "tier": {
        "normal": Labels("普通", "Normal"),
        "gold": Labels("金卡", "Gold"),
        "diamond": Labels("钻石", "Top Client"),
    },
    "channel": {
        "call": Labels("电话", "Phone call"),
        "visit": Labels("拜访", "Visit"),
        "wechat": Labels("微信", "WeChat"),
    },
}

WANG = Row(
    "C20240510001",
    "records/2024/05/C20240510001.yaml",
    {
        "id": "C20240510001",
        "former": ["C20240509007"],
        "name": "王芳",
        "phone": "+8613800138000",
        "email": "Wang.Fang@Example.com",
        "region": "北京市/朝阳区",
        "id_number": "11010519491231002X",
        "status": "active",
        "tier": "gold",
        "remarks": "周末联系，喜欢 Café",
        "tags": ["vip", "老客户"],
        "external": {"shop": "00004", "ERP": "A-1:7"},
        "likes": {"coffee": "不加糖 oat milk", "tea": "龙井"},
        "collection": {"basis": "consent"},
        "custom": {"newsletter": "yes"},
        "interactions": [
            {"id": "I7K2M9QXA", "at": "2024-05-10T09:30+08:00", "channel": "call", "summary": "询问新品"},
            {"id": "I7K2M9QXB", "at": "2024-06-01T23:50+08:00", "channel": "visit", "summary": "上门 拜访客户"},
        ],
        "transactions": [
            {"on": "2024-05-10", "product": "咖啡豆", "amount": "398.00"},
            {"on": "2024-06-02", "product": "茶叶", "amount": "20.5"},
        ],
    },
    {"orders": "2", "spend": "418.50", "last_purchase": "2024-06-02", "last_contact": "2024-06-01"},
)
LI = Row(
    "C20240511001",
    "records/2024/05/C20240511001.yaml",
    {
        "id": "C20240511001",
        "name": "李伟",
        "phone": "+861012345678",
        "region": "辽宁省/朝阳市",
        "status": "lead",
        "tier": "diamond",
        "remarks": "王芳的同事 smith",
        "external": {"shop": "00040"},
        "interactions": [
            {"id": "I7K2M9QXC", "at": "2024-08-31T01:00+08:00", "channel": "wechat", "summary": "门上贴通知"}
        ],
    },
    {"orders": "0", "spend": "0", "last_contact": "2024-08-31"},
)
ACME = Row(
    "C20240512001",
    "records/2024/05/C20240512001.yaml",
    {
        "id": "C20240512001",
        "company": "北京咖啡商贸有限公司 Smith & Søn",
        "credit_code": "91350211M000100Y43",
        "region": "延边朝鲜族自治州",
        "status": "active",
        "custom": {"newsletter": "no"},
    },
    {"orders": "1", "spend": "12000", "last_purchase": "2023-12-31"},
)
ROWS = (WANG, LI, ACME)
NICK = {WANG.number: "wang", LI.number: "li", ACME.number: "acme"}


def world() -> Index:
    return build(FIELDS, ROWS, CODES)


def ask(index: Index, query: str, sort=(), fields=FIELDS, now=NOW) -> list[str]:
    """The nicknames of the customers a query finds."""
    found = search(index, compile_query(query, fields, CODES, now=now), columns=(), sort=sort, limit=0)
    return [NICK.get(hit.number, hit.number) for hit in found]
