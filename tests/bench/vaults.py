"""Synthetic customers for measuring: the same ones at every run, about fourteen entries each, in Chinese.

`python tests/bench/vaults.py N VAULT` puts N of them into a fresh vault as one commit (git fast-import, rendered on all
cores); without VAULT it prints what any address book holds of them, one JSON object a line. No person stands behind any
of it.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from crmcli.model.identity import ALPHABET, number, record_path
from crmcli.store.yamlwrite import render

SEED = 20240510
FIRST_DAY, DAYS = date(2016, 1, 1), 3000
BLOCK = 500
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国文斌晨曦梓涵欣怡浩宇"
REGIONS = (
    "北京市/朝阳区",
    "北京市/海淀区",
    "上海市/徐汇区",
    "上海市/浦东新区",
    "广东省/深圳市/南山区",
    "广东省/广州市/天河区",
    "浙江省/杭州市/西湖区",
    "江苏省/南京市/鼓楼区",
    "四川省/成都市/武侯区",
    "湖北省/武汉市/洪山区",
)
PRODUCTS = (
    "会员卡",
    "挂耳咖啡礼盒",
    "家用磨豆机",
    "白牡丹 200g",
    "中秋茶礼盒",
    "咖啡拉花课程",
    "手冲壶套装",
    "瑰夏咖啡豆",
)
SAID = (
    "来电询问新品到货时间，约好下周再联系。",
    "上门拜访，看了样品，对包装不太满意。",
    "请客户补交门店照片，答应月底前发来。",
    "年前订两盒送父母，要求附贺卡、外包装不印价格。",
    "反映上次的货少了一件，已安排补发。",
    "推荐了会员价，客户说和家里商量。",
)
COMPANY = ("商贸", "餐饮管理", "文化传播", "食品", "酒店管理")
TIERS = ("new", "ordinary", "ordinary", "silver", "silver", "gold", "diamond")
SOURCES = ("store", "referral", "website", "wechat", "exhibition", "online-shop")
CHANNELS = ("call", "visit", "message", "email", "meeting")
PAYMENTS = ("wechat-pay", "alipay", "card", "cash")
OWNERS = ("li.na", "zhang.wei", "chen.jing", "wang.tao")
STATUS = ("lead", "active", "active", "active", "churned")
Tree = dict[str, Any]


def numbers(count: int) -> list[str]:
    """The customers' numbers, spread evenly over the days."""
    share = -(-count // DAYS)
    return [number(FIRST_DAY + timedelta(days=place // share), place % share + 1) for place in range(count)]


def customer(place: int, number: str) -> Tree:
    """The plain tree of one customer."""
    chance = random.Random(f"{SEED}/{place}")
    begun = date(int(number[1:5]), int(number[5:7]), int(number[7:9]))
    days = sorted(begun + timedelta(days=chance.randrange(900)) for _ in range(14))
    tree = {"id": number, "uid": _symbols(chance, 26), **profile(place)}
    tree["first_contact"] = begun.isoformat()
    tree |= {"owner": chance.choice(OWNERS), "remarks": chance.choice(SAID), "status": chance.choice(STATUS)}
    tree |= {"tier": chance.choice(TIERS), "tags": chance.sample(("vip", "茶", "咖啡", "企业采购", "周末"), 2)}
    tree["external"] = {"shop": f"{place:07d}"}
    tree["collection"] = {"purpose": "会员服务", "basis": "consent", "consented_on": begun.isoformat()}
    tree["status_history"] = [_move(chance, "H", begun, "status", tree["status"])]
    tree["tier_history"] = [_move(chance, "G", day, "tier", tree["tier"]) for day in days[:1]]
    tree["interactions"] = [_interaction(chance, day) for day in days[1:7]]
    tree["transactions"] = [_transaction(chance, day) for day in days[7:13]]
    return tree


def profile(place: int) -> Tree:
    """What any address book holds of a customer: every fifth is a company."""
    chance = random.Random(f"{SEED}/profile/{place}")
    person = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
    region = chance.choice(REGIONS)
    company = f"{region[:2]}{person[1:]}{chance.choice(COMPANY)}有限公司"
    whole = place % 5 == 4
    named = {"kind": "enterprise", "company": company} if whole else {"kind": "individual", "name": person}
    reached = {"phone": f"+8613{place * 7919 % 10**9:09d}", "email": f"c{place}@example.com"}
    return {**named, **reached, "region": region, "source": chance.choice(SOURCES)}


def people(count: int) -> Iterator[Tree]:
    """The profiles of the first `count` customers, their numbers with them."""
    for place, given in enumerate(numbers(count)):
        yield {"id": given, **profile(place)}


def fill(vault: Path, count: int) -> None:
    """Put `count` customers into a fresh vault, as one commit on its branch."""
    given = list(enumerate(numbers(count)))
    blocks = [given[start : start + BLOCK] for start in range(0, count, BLOCK)]
    subject = f"bench: {count} customers".encode()
    with (
        Pool() as pool,
        subprocess.Popen(["git", "fast-import", "--quiet"], cwd=vault, stdin=subprocess.PIPE) as importer,
    ):
        # The workers are there first: one that inherits the pipe keeps it open, and fast-import would wait for ever.
        assert importer.stdin is not None
        importer.stdin.write(b"commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0800\n")
        importer.stdin.write(b"data %d\n%s\nfrom refs/heads/main^0\n" % (len(subject), subject))
        for piece in pool.imap(_block, blocks):
            importer.stdin.write(piece)
        importer.stdin.close()
        if importer.wait():
            raise SystemExit("git fast-import failed")
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=vault, check=True)


def _block(given: list[tuple[int, str]]) -> bytes:
    pieces = []
    for place, name in given:
        data = render(customer(place, name))
        pieces.append(b"M 100644 inline %s\ndata %d\n%s\n" % (record_path(name).encode(), len(data), data))
    return b"".join(pieces)


def _move(chance: random.Random, letter: str, day: date, name: str, value: str) -> Tree:
    return {"id": _entry(chance, letter), "date": day.isoformat(), name: value, "reason": "review"}


def _interaction(chance: random.Random, day: date) -> Tree:
    return {
        "id": _entry(chance, "I"),
        "at": f"{day.isoformat()}T{chance.randrange(9, 18):02d}:30+08:00",
        "channel": chance.choice(CHANNELS),
        "by": chance.choice(OWNERS),
        "summary": chance.choice(SAID),
    }


def _transaction(chance: random.Random, day: date) -> Tree:
    quantity, price = chance.randrange(1, 6), chance.randrange(20, 900)
    return {
        "id": _entry(chance, "S"),
        "date": day.isoformat(),
        "product": chance.choice(PRODUCTS),
        "quantity": str(quantity),
        "price": f"{price}.00",
        "amount": f"{quantity * price}.00",
        "currency": "CNY",
        "payment": chance.choice(PAYMENTS),
    }


def _entry(chance: random.Random, letter: str) -> str:
    return letter + _symbols(chance, 8)


def _symbols(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(ALPHABET, k=count))


def main() -> None:
    """Fill the vault named on the command line, or print the profiles, one in a line."""
    parser = argparse.ArgumentParser(description="Put synthetic customers into a fresh vault.")
    parser.add_argument("count", type=int)
    parser.add_argument("vault", type=Path, nargs="?")
    asked = parser.parse_args()
    if asked.vault:
        fill(asked.vault, asked.count)
    else:
        sys.stdout.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in people(asked.count))


if __name__ == "__main__":
    main()
