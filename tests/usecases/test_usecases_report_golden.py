"""Every report over the shipped samples, in both languages, as it is printed: compared with tests/golden.

`CRM_GOLDEN=1 pytest …` writes the files anew; look at the difference before you keep it.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from conftest import git, isolated

from crmcli.reports.render_csv import render as render_csv
from crmcli.reports.render_markdown import render as render_markdown
from crmcli.reports.values import Look
from crmcli.text import set_language
from crmcli.usecases.report import KINDS, Wanted, make
from crmcli.usecases.workplace import Workplace, open_workplace

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
ANEW = bool(os.environ.get("CRM_GOLDEN"))
NOW = datetime.fromisoformat("2026-11-22T10:00+08:00")
YEAR = {"first": date(2025, 1, 1), "last": date(2025, 12, 31)}
WANTED = {
    "card": Wanted(ref="C20250115001"),
    "increase": Wanted(**YEAR),
    "regions": Wanted(**YEAR, depth="city"),
    "analysis": Wanted(**YEAR, days=180, top=5),
    "destruction": Wanted(),
    "tiers": Wanted(first=date(2025, 1, 1), last=date(2025, 3, 31)),
}
CERTIFICATE = """\
format: "1"
number: C20230501001
uid: 6Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: customer-file
left_on: "2024-04-30"
destroyed_at: "2026-05-02T09:30+08:00"
method: file-deleted
rule: ended
clause: 合作终止后保存 2 年
requested_by: Li Na <li.na@example.org>
approved_by: Zhao Fa <zhao.fa@example.org>
destroyed_by: Li Na <li.na@example.org>
plan: records/plans/2026-05-01.yaml
plan_file: 8ab686eafeb1f44702738c8b0f24f2567c36da6d
history: not reached
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The samples and one certificate in a vault of their own."""
    folder = tmp_path_factory.mktemp("golden")
    for name in ("records", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("purged", "plans"))
    certificate = folder / "records/purged/2023/05/C20230501001.yaml"
    certificate.parent.mkdir(parents=True)
    certificate.write_text(CERTIFICATE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in isolated(tmp_path_factory.mktemp("home")).items():
            patch.setenv(name, value)
        git(folder, "init", "-q")
        yield open_workplace(folder, dict(os.environ), NOW, turned=True, exact=True)


@pytest.fixture(params=["zh", "en"])
def tongue(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("en")


def test_each_report_has_its_golden_files():
    assert set(WANTED) == set(KINDS)


@pytest.mark.parametrize("name", WANTED)
def test_a_report_for_people_is_what_it_was(name: str, tongue: str, samples: Workplace):
    made = make(samples, name, WANTED[name])
    assert made.findings == ()
    compare(f"report_{name}.{tongue}.md", render_markdown(made.value, Look()) + "\n")


@pytest.mark.parametrize("name", [name for name in WANTED if name != "card"])
def test_a_report_for_programs_is_the_same_in_every_language(name: str, tongue: str, samples: Workplace):
    value = make(samples, name, Wanted(**{**vars(WANTED[name]), "people": False})).value
    compare(f"report_{name}.csv", render_csv(value, Look()))


def compare(name: str, shown: str) -> None:
    file = GOLDEN / name
    if ANEW:
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8", newline="")
    assert shown.encode() == file.read_bytes(), f"{name} has changed; CRM_GOLDEN=1 writes it anew"
