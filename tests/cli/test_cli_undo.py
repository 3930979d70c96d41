"""Changes as a reviewer sees them, comments that stay where they stand, and changes taken back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
WANG, ZHANG, NEXT = (f"records/2024/05/C2024051000{n}.yaml" for n in (1, 2, 3))
ADD = (
    *shlex.split(
        "add --kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store --format ids"
    ),
)
LINES = {
    "owner=chen.wei": "1 1",
    "region=上海市/浦东新区": "1 1",
    "source=referral": "1 1",
    "name=王 芳": "1 1",
    "phone=13700137000": "1 1",
    "phone=+49 30 901820": "1 1",
    "id_number=": "0 1",
    "email=wang@example.com": "1 0",
    "external.shop=00005": "1 1",
    "external.erp=A-1": "1 0",
    "birthday=1949-12-31": "1 0",
    "tags=vip,new": "1 0",
}


def lines(crm: Crm) -> str:
    """Lines added and removed by the last commit."""
    (line,) = crm.git("diff", "--numstat", "HEAD~1", "HEAD").splitlines()
    return " ".join(line.split()[:2])


@pytest.mark.parametrize("wanted", LINES)
def test_one_changed_field_is_one_changed_line(crm: Crm, wanted: str) -> None:
    name, _equals, value = wanted.partition("=")
    assert crm("update", "王芳", *(("--set", wanted) if value else ("--unset", name))).exit == 0
    assert lines(crm) == LINES[wanted]


def test_a_tag_more_is_a_line_more(crm: Crm) -> None:
    crm("update", "王芳", "--add-tag", "new")
    assert lines(crm) == "1 0"
    crm("update", "王芳", "--rm-tag", "vip")
    assert lines(crm) == "0 1"


@pytest.mark.parametrize(
    "wanted",
    [
        "owner=li.na",
        "phone=138 0013 8000",
        "phone=+86 138-0013-8000",
        "region=北京/朝阳",
        "source=门店",
        "status=active",
    ],
)
def test_the_same_value_in_any_spelling_makes_no_commit(crm: Crm, wanted: str) -> None:
    head = crm.git("rev-parse", "HEAD")
    ended = crm("update", "王芳", "--set", wanted)
    assert ended.exit == 0
    assert "Nothing changed" in ended.out
    assert crm.git("rev-parse", "HEAD") == head


def test_comments_stay_where_they_stand(crm: Crm) -> None:
    for old, new in {
        "id: C2": "# the first of all\nid: C2",
        "owner: li.na\n": "# who looks after her\nowner: li.na  # since May\n",
        "  - vip\n": "  # asked for it\n  - vip  # indeed\n",
        "transactions:\n": "# paid in cash\ntransactions:\n",
        "    product: 会员卡\n": "    product: 会员卡  # the red one\n",
        "currency: CNY\n": "currency: CNY\n# the end\n",
    }.items():
        crm.change(WANG, old, new)
    assert crm("commit").exit == 0
    before = (crm.folder / WANG).read_text()
    said = [line.split("#")[1] for line in before.splitlines() if "#" in line]
    assert len(said) == 8
    for words in (
        ("update", "王芳", "--set", "email=wang@example.com", "--set", "region=上海/浦东"),
        ("sale", "add", "王芳", "--product", "会员卡", "--price", "9"),
        ("interaction", "add", "王芳", "--channel", "call", "--summary", "问候"),
    ):
        assert crm(*words).exit == 0
        assert [line.split("#")[1] for line in (crm.folder / WANG).read_text().splitlines() if "#" in line] == said
    for commit in ("HEAD", "HEAD~2", "HEAD~4"):
        assert crm("undo", commit).exit == 0
    assert (crm.folder / WANG).read_text() == before


def test_taking_back_an_add_frees_no_number(crm: Crm) -> None:
    assert crm(*ADD).out == "C20240510003\n"
    assert crm("undo").exit == 0
    assert not (crm.folder / NEXT).exists()
    assert crm(*ADD).out == "C20240510004\n"
    assert crm.refused("show", "C20240510003", exit=3)


def test_taking_back_an_import_takes_back_all_of_it(crm: Crm) -> None:
    before = crm.git("rev-parse", "HEAD^{tree}")
    rows = [f"客户{n},individual,1370013{n:04d},北京市/朝阳区,store" for n in range(40)]
    crm.put("../in.csv", "\n".join(["name,kind,phone,region,source", *rows]))
    assert crm("import", "../in.csv").exit == 0
    assert len(crm("list", "--format", "ids").out.split()) == 42
    assert crm("undo").exit == 0
    assert crm.git("rev-parse", "HEAD^{tree}") == before
    assert crm("list", "--format", "ids").out.split() == ["C20240510001", "C20240510002"]
    assert crm.git("status", "--porcelain") == ""


def test_taken_back_twice_is_as_if_never(crm: Crm) -> None:
    crm("update", "王芳", "--set", "owner=chen.wei")
    changed = crm.git("rev-parse", "HEAD^{tree}")
    for tree in (crm.git("rev-parse", "HEAD~1^{tree}"), changed):
        assert crm("undo", "HEAD").exit == 0
        assert crm.git("rev-parse", "HEAD^{tree}") == tree


def test_what_has_changed_since_is_not_taken_back(crm: Crm) -> None:
    crm("update", "王芳", "--set", "owner=chen.wei")
    crm("update", "张伟", "--set", "owner=chen.wei")
    crm("update", "王芳", "--set", "email=wang@example.com")
    refusal = crm.refused("undo", "HEAD~2", exit=4)
    assert "C20240510001" in refusal.words
    assert "crm history" in refusal.words
    assert crm("undo", "HEAD~1").exit == 0
    assert crm("undo", "HEAD~1").exit == 0
    assert crm("undo", "HEAD~4").exit == 0


def test_what_is_not_of_customers_alone_is_left_to_git(crm: Crm) -> None:
    crm.put("notes", "mine\n")
    crm.change(WANG, "li.na", "by.hand")
    crm.keep()
    crm.git("checkout", "-q", "-b", "side", "HEAD~1")
    crm("update", "张伟", "--set", "owner=a.b")
    crm.git("checkout", "-q", "-")
    crm.git("merge", "-q", "--no-edit", "side")
    first = crm.git("rev-list", "--max-parents=0", "HEAD").strip()
    for commit in ("HEAD", "HEAD^1", first):
        assert "git revert" in crm.stopped_by("undo", commit, exit=4)
    for missing in ("nothing", "HEAD~99", "-x", "0" * 40):
        crm.stopped_by("undo", "--", missing, exit=3)


def test_a_commit_of_customers_by_git_alone_can_be_taken_back(crm: Crm) -> None:
    crm.change(WANG, "li.na", "by.hand")
    crm.keep()
    assert crm("undo", "HEAD").exit == 0
    assert "owner: li.na\n" in (crm.folder / WANG).read_text()


def test_with_nothing_to_take_back_it_says_so(crm: Crm) -> None:
    assert crm("init", "../empty").exit == 0
    ended = crm("undo", "--vault", "../empty")
    assert (ended.exit, "nothing to undo" in ended.err) == (3, True)
