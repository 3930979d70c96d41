"""Personal values planted through every way in: options, files, imports, a terminal, an editor, a hand edit."""

from pathlib import Path

from canary_world import Cage
from conftest import git

BEGIN = ("--region", "北京市/朝阳区", "--source", "store", "--owner", "li.na")
FIRST, SECOND = "C20240510001", "C20240510002"


def planted(cage: Cage) -> None:
    """Every way in, one after the other."""
    added(cage)
    refused(cage)
    imported(cage)
    updated(cage)
    edited(cage)
    entered(cage)
    by_hand(cage)


def added(cage: Cage) -> None:
    new = cage.birds
    person = ("--name", new.name(), "--phone", new.phone(), "--id-number", new.id_number(), "--email", new.mail())
    words = (
        "--address",
        new.text("地址"),
        "--remarks",
        new.text("备注"),
        "--need",
        new.text("需求"),
        "--messenger",
        new.code(),
    )
    bank = ("--bank-account", new.account(), "--bank-holder", new.name(), "--bank-name", new.text("开户行"))
    more = (
        "--external",
        f"shop={new.code()}",
        "--collection-purpose",
        new.text("目的"),
        "--rating-overall",
        new.text("评价"),
    )
    contact = ("--contact-name", new.name(), "--contact-phone", new.phone(), "--contact-traits", new.text("特点"))
    cage("add", "--kind", "individual", *person, *words, *bank, *more, *contact, *BEGIN, "--note", new.text("缘由"))
    cage("add", "--file", cage.write("one.yaml", dossier(cage)))
    cage("add", "--file", "-", stdin=dossier(cage) + "---\n" + dossier(cage))
    cage.guided({"Kind": "individual", "Name": new.name(), "Phone": new.phone(), "Region": "北京市/朝阳区",
                 "Source": "store", "ID number": new.id_number(), "Initial need": new.text("需求")})  # fmt: skip


def dossier(cage: Cage) -> str:
    new = cage.birds
    return f"""\
kind: individual
name: {new.name()}
phone: "{new.phone()}"
region: 北京市/朝阳区
source: store
owner: li.na
remarks: |
  {new.text("第一行")}
  {new.text("第二行")}
contacts:
  - name: {new.name()}
    email: {new.mail()}
sites:
  - street: {new.text("街道")}
interactions:
  - at: "2024-05-10T09:30+08:00"
    channel: call
    summary: {new.text("摘要")}
transactions:
  - date: "2024-05-10"
    product: 会员卡
    amount: "398.00"
    currency: CNY
    remarks: {new.text("交易备注")}
"""


def refused(cage: Cage) -> None:
    """What is turned down quotes it to the person, and leaves it nowhere."""
    new = cage.birds
    wrong = [("--phone", new.text("电话", kept=False)), ("--id-number", new.id_number(kept=False)[:-1] + "Z"),
             ("--set", f"{new.text('字段', kept=False)}=1"), ("--region", new.text("地区", kept=False))]  # fmt: skip
    for words in wrong:
        cage("add", "--kind", "individual", "--name", new.name(kept=False), *words, exits=2)
    cage("add", "--kind", "individual", "--name", new.name(kept=False), "--phone", phone(cage), *BEGIN, exits=4)
    cage("add", "--file", "-", stdin=f"kind: individual\nname: {new.name(kept=False)}\nremarks: [", exits=2)
    cage("add", "--file", "-", stdin=f"kind: individual\nname: x # {new.name(kept=False)}\n\t- a", exits=2)
    cage("add", "--kind", "individual", "--name", new.name(kept=False), "--incomplete", "--dry-run")
    cage("show", new.name(kept=False), exits=3)
    cage(new.name(kept=False), exits=2)


def phone(cage: Cage) -> str:
    return next(value for value in cage.birds.kept if value.startswith("+86"))


def imported(cage: Cage) -> None:
    new = cage.birds
    head = "name,kind,phone,region,source,remarks,external.shop\n"
    good = f"{new.name()},individual,{new.phone()},北京市/朝阳区,store,{new.text('导入')},{new.code()}\n"
    bad = f"{new.name(kept=False)},individual,{new.text('坏', kept=False)},北京市/朝阳区,store,,\n"
    cage.write("in.csv", head + good + bad)
    cage("import", "in.csv", "--dry-run", exits=6)
    cage("import", "in.csv", exits=6)
    assert (cage.desk / "in.rejected.csv").exists()
    cage("import", cage.write("bad.csv", head + bad), "--rejects", "elsewhere.csv", exits=2)
    cage(
        "import",
        cage.write("gb.csv", head + f"{new.name()},individual,{new.phone()},北京市/朝阳区,store,,\n", "gb18030"),
    )
    calls = f"phone,at,channel,summary\n{phone(cage)},2024-05-10 10:00,call,{new.text('来电')}\n"
    cage("import", "-", "--as", "interactions", "--key", "phone", stdin=calls)
    cage(
        "import",
        cage.write(f"{new.text('文件名', kept=False)}.csv", head.replace("name", new.text("列", kept=False))),
        exits=2,
    )


def updated(cage: Cage) -> None:
    new = cage.birds
    cage.patch.setenv("CRM_NOW", "2024-05-12T09:30+08:00")
    cage("update", FIRST, "--set", f"name={new.name()}", "--set", f"phone={new.phone()}", "--note", new.text("改名"))
    cage("update", FIRST, "--set", f"remarks={new.text('换')}", "--set", f"external.crm={new.code()}")
    cage(
        "update",
        FIRST,
        "--set",
        f"remarks={new.text('试', kept=False)}",
        "--dry-run",
        "--note",
        new.text("试", kept=False),
    )
    cage(
        "update",
        FIRST,
        "--set",
        f"birthday={new.text('生日', kept=False)}",
        "--note",
        new.text("不", kept=False),
        exits=2,
    )
    cage("update", FIRST, "--set", f"owner={new.name(kept=False)} {new.name(kept=False)}" + "x" * 5000, exits=2)
    cage("update", SECOND, "--unset", "remarks", "--note", new.text("清除"))


def edited(cage: Cage) -> None:
    new = cage.birds
    cage.write("change.sed", f"s/^need: .*/need: {new.text('新需求')}/\ns/^owner: .*/owner: chen.wei/\n")
    cage("edit", FIRST, "--note", new.text("编辑"))
    cage("edit", FIRST, "--reveal", "--reason", "legal")
    cage.write("change.sed", f"s/^name: .*/name: {new.name(kept=False)}/\ns/^kind: .*/kind: nonsense/\n")
    cage("edit", FIRST, exits=2, waiting=[cage.memory])
    for path in cage.memory.iterdir():  # a text that could not be taken in is kept for its author
        assert path.stat().st_mode & 0o777 == 0o600
        path.unlink()


def entered(cage: Cage) -> None:
    new = cage.birds
    call = (
        "--at",
        "2024-05-10T10:00+08:00",
        "--channel",
        "call",
        "--summary",
        new.text("通话"),
        "--next-step",
        new.text("下一步"),
    )
    cage("interaction", "add", FIRST, *call, "--next-on", "2024-05-17", "--note", new.text("通话缘由"))
    cage("contact", "add", FIRST, "--name", new.name(), "--email", new.mail(), "--note", new.text("联系人缘由"))
    sale = ("--date", "2024-05-10", "--product", "会员卡", "--amount", "1", "--currency", "CNY")
    cage("sale", "add", FIRST, *sale, "--remarks", new.text("生日购买"), "--external", new.code())
    for noun, words in (("interaction", ("--summary", new.text("更正"))), ("contact", ("--position", new.text("职位"))),
                        ("sale", ("--remarks", new.text("退货")))):  # fmt: skip
        cage(noun, "update", FIRST, entry(cage, noun), *words, "--note", new.text("更正缘由"))
    cage(
        "interaction",
        "add",
        FIRST,
        "--channel",
        new.text("渠道", kept=False),
        "--summary",
        new.text("无", kept=False),
        exits=2,
    )
    cage("interaction", "show", FIRST, new.text("条目", kept=False), exits=3)
    for noun in ("interaction", "contact", "sale"):
        cage(noun, "list", FIRST)


def entry(cage: Cage, noun: str) -> str:
    """The id of the latest entry of this kind: an event of the history names it."""
    said = git(cage.vault, "log", "-1", f"--grep=Crm-Op: {noun} add", "--format=%s")
    return said.rsplit(" ", 1)[-1].strip()


def by_hand(cage: Cage) -> None:
    """A hand edit is in clear until `crm commit`; no command before spreads it, and after it nothing is left."""
    new = cage.birds
    path = cage.vault / f"records/2024/05/{SECOND}.yaml"
    change(path, "region:", f"remarks: {new.text('手改')}\nregion:")
    for words in (("list",), ("show", SECOND), ("diff",), ("blame", SECOND), ("history", "-p"), ("today",)):
        cage(*words, exits=(0, 7), waiting=[path])
    cage("check", exits=(0, 6, 7), waiting=[path])
    cage("update", SECOND, "--add-tag", "vip", exits=(4, 7), waiting=[path])
    cage("commit", "--dry-run", waiting=[path])
    cage("commit", "--note", new.text("手改缘由"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))
