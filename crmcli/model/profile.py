"""The groups of the profile: lawful collection (R06), company facts, bank, ratings and the score card (R03)."""

from typing import Annotated

from pydantic import Field

from crmcli.model.base import Part
from crmcli.model.fields import Level, field
from crmcli.model.scalars import Amount, Date, Integer, Line, Percent, Text, code

OPEN, INTERNAL, RESTRICTED = Level.OPEN, Level.INTERNAL, Level.RESTRICTED


class Collection(Part):
    """Why and on what ground the data was collected, and how consent was given (R06; PIPL art. 13-17)."""

    purpose: Text | None = field("告知的目的", "Purpose told", INTERNAL, example="会员服务")
    basis: Annotated[str, code("basis")] | None = field("合法性基础", "Legal basis", OPEN, example="consent")
    consented_on: Date | None = field("同意日期", "Consent given on", OPEN, example="2024-05-10")
    method: Annotated[str, code("consent_method")] | None = field(
        "同意方式", "How consent was given", OPEN, example="form"
    )
    evidence: Line | None = field("同意凭证", "Evidence of consent", INTERNAL, example="会员登记表第 12 页")
    withdrawn_on: Date | None = field("撤回同意日期", "Consent withdrawn on", OPEN, example="2026-01-31")


class Facts(Part):
    """The facts of the customer card 顾客资料卡 (R03). Amounts are in the vault's currency, shares in percent."""

    nature: Annotated[str, code("nature")] | None = field(
        "企业性质", "Nature of the enterprise", OPEN, example="private"
    )
    founded: Date | None = field(
        "成立日期", "Founded on", OPEN, example="2008-08-08", headings=("开业日期", "成立时间")
    )
    legal_representative: Line | None = field("法定代表人", "Legal representative", INTERNAL, example="赵示例")
    registered_capital: Amount | None = field("注册资本", "Registered capital", OPEN, example="5000000")
    employees: Integer | None = field("员工人数", "Employees", OPEN, example="120", headings=("职工人数",))
    premises: Annotated[str, code("premises")] | None = field("营业场所", "Premises", OPEN, example="rented")
    scope: Text | None = field("经营范围", "Business scope", OPEN, example="食品零售")
    products: Line | None = field("主要产品", "Main products", OPEN, example="咖啡、茶叶", headings=("主营产品",))
    turnover: Amount | None = field("年营业额", "Annual turnover", OPEN, example="12000000", headings=("年销售额",))
    gross_margin: Percent | None = field("毛利率(%)", "Gross margin (%)", OPEN, example="32.5", headings=("毛利率",))
    expenses: Amount | None = field("费用", "Expenses", OPEN, example="1800000")
    net_profit: Amount | None = field("净益", "Net profit", OPEN, example="900000", headings=("净利润",))
    stock: Amount | None = field("库存", "Stock", OPEN, example="650000")
    export_share: Percent | None = field("外销比例(%)", "Export share (%)", OPEN, example="20")
    domestic_share: Percent | None = field("内销比例(%)", "Domestic share (%)", OPEN, example="80")
    trade_mark: Line | None = field("商标", "Trade mark", OPEN, example="示例牌")
    payment_terms: Line | None = field("付款条件", "Payment terms", OPEN, example="月结 30 天")
    payment_day: Annotated[Integer, Field(ge=1, le=31)] | None = field("付款日", "Payment day", OPEN, example="25")


class Bank(Part):
    """Bank details; restricted."""

    name: Line | None = field("开户银行", "Bank", RESTRICTED, example="示例银行朝阳支行", headings=("开户行",))
    holder: Line | None = field("户名", "Account holder", RESTRICTED, example="北京示例商贸有限公司", mask="head")
    account: Line | None = field(
        "银行账号", "Account number", RESTRICTED, example="6222000000000000000", headings=("账号",), mask="tail"
    )


class Rating(Part):
    """Rated aspects of the customer card (R03)."""

    equipment: Annotated[str, code("grade")] | None = field("设备", "Equipment", OPEN, example="good")
    staff: Annotated[str, code("grade")] | None = field("人员", "Staff", OPEN, example="good")
    inspection_method: Annotated[str, code("grade")] | None = field(
        "检验方法", "Inspection method", OPEN, example="fair"
    )
    inspection_strictness: Annotated[str, code("grade")] | None = field(
        "检验严格程度", "Inspection strictness", OPEN, example="fair"
    )
    overall: Text | None = field("总体评价", "Overall view", INTERNAL, example="合作稳定")


class Score(Part):
    """The weighted score card (R03); the weights sum to 100."""

    interest: Annotated[Integer, Field(le=5)] | None = field("关心 (5)", "Interest (5)", OPEN, example="4")
    persistence: Annotated[Integer, Field(le=5)] | None = field("执着 (5)", "Persistence (5)", OPEN, example="3")
    sales: Annotated[Integer, Field(le=20)] | None = field("销售力 (20)", "Sales strength (20)", OPEN, example="15")
    engineering: Annotated[Integer, Field(le=20)] | None = field(
        "工程能力 (20)", "Engineering (20)", OPEN, example="12"
    )
    management: Annotated[Integer, Field(le=10)] | None = field("经营力 (10)", "Management (10)", OPEN, example="8")
    will: Annotated[Integer, Field(le=40)] | None = field("经营意志 (40)", "Will (40)", OPEN, example="33")
