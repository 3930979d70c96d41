"""The CDNOW sample classified: classes and what each of them bought equal what pandas makes of the raw file."""

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import git, isolated
from import_vault import opened

from crmcli.model.identity import new_entry_id, new_uid, number, record_path
from crmcli.store.history import log
from crmcli.store.yamlwrite import render
from crmcli.usecases.classify import classify
from crmcli.usecases.workplace import Workplace

sys.path.insert(0, str(Path(__file__).parent.parent))
import cdnow

TIERS = {"diamond": (1000, None), "gold": (500, 1000), "silver": (100, 500), "ordinary": (20, 100), "new": (None, 20)}


def rules(tiers: dict[str, tuple[int | None, int | None]]) -> str:
    """House rules with tiers that suit what CDs cost, beside ABC as it ships."""
    ships = yaml.safe_load((Path(cdnow.__file__).parents[1] / "schemas/classification.yaml").read_text("utf-8"))
    ends = {name: ("*" if low is None else low, "*" if high is None else high) for name, (low, high) in tiers.items()}
    ships["schemes"]["tier"]["classes"] = {
        name: {"query": f"spend:[{low} TO {high}}}"} for name, (low, high) in ends.items()
    }
    return str(yaml.safe_dump(ships, allow_unicode=True, sort_keys=False))


def files() -> Iterator[tuple[str, bytes]]:
    """A customer file for each customer of the sample, written without the import."""
    bought: dict[str, list[dict[str, str]]] = {}
    for customer, day, _count, amount in cdnow.purchases():
        sale = {"id": new_entry_id("S"), "date": day, "product": "CD", "amount": amount, "currency": "USD"}
        bought.setdefault(customer, []).append(sale)
    for running, (customer, sales) in enumerate(bought.items(), 1):
        tree = {"id": number(date(1997, 1, 1), running), "uid": new_uid(), "kind": "individual", "status": "active"}
        tree |= {"external": {"shop": customer}, "transactions": sales}
        yield record_path(tree["id"]), render(tree)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The sample in a vault, classified once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cdnow")
        for name, value in isolated(folder).items():
            patch.setenv(name, value)
        made = opened(folder / "vault", currency="USD")
        for path, content in files():
            (made.root / path).parent.mkdir(parents=True, exist_ok=True)
            (made.root / path).write_bytes(content)
        (made.root / "schemas/classification.yaml").write_text(rules(TIERS), "utf-8")
        git(made.root, "add", "-A")
        git(made.root, "commit", "-q", "-m", "sample")
        classify(made, apply=True)
        yield made


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """Customer → cents spent, share of those who spent more in percent, from the raw file alone."""
    found = pd.DataFrame(cdnow.purchases(), columns=["customer", "day", "count", "amount"])
    found["cents"] = found["amount"].map(lambda text: int(Decimal(text) * 100))
    spent = found.groupby("customer")["cents"].sum().to_frame()
    at_each = spent.groupby("cents")["cents"].sum().sort_index(ascending=False)
    above = at_each.cumsum().shift(fill_value=0)
    spent["above"] = spent["cents"].map(above) * 100 / spent["cents"].sum()
    return spent


def filed(work: Workplace) -> pd.DataFrame:
    """Customer → tier, class, cents, as they stand in the YAML files."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    trees = [yaml.load(path.read_bytes(), loader) for path in (work.root / "records").rglob("*.yaml")]
    rows = [
        (
            tree["external"]["shop"],
            tree["tier"],
            tree["classes"]["abc"],
            sum(int(Decimal(sale["amount"]) * 100) for sale in tree["transactions"]),
        )
        for tree in trees
    ]
    return pd.DataFrame(rows, columns=["customer", "tier", "abc", "cents"]).set_index("customer").sort_index()


def totals(frame: pd.DataFrame, by: str) -> dict[str, tuple[int, int]]:
    """Class → customers, cents."""
    grouped = frame.groupby(by, observed=True)["cents"].agg(["count", "sum"])
    return {str(name): (int(row["count"]), int(row["sum"])) for name, row in grouped.iterrows()}


def test_totals_by_tier_are_those_of_pandas(work: Workplace, raw: pd.DataFrame) -> None:
    edges = [-1, 2000, 10_000, 50_000, 100_000, 10**9]
    raw["tier"] = pd.cut(raw["cents"], edges, right=False, labels=["new", "ordinary", "silver", "gold", "diamond"])
    expected = totals(raw, "tier")
    assert totals(filed(work), "tier") == expected
    assert sum(cents for _count, cents in expected.values()) == 24_409_194
    assert min(count for count, _cents in expected.values()) > 0


def test_totals_by_contribution_are_those_of_pandas(work: Workplace, raw: pd.DataFrame) -> None:
    raw["abc"] = pd.cut(raw["above"], [-1, 80, 95, 101], right=False, labels=["a", "b", "c"])
    assert totals(filed(work), "abc") == totals(raw, "abc")
    assert (filed(work)["abc"] == raw.sort_index()["abc"].astype(str)).all()
    a, all_sales = raw[raw["abc"] == "a"]["cents"], raw["cents"].sum()
    assert (a.sum() - a.min()) * 100 < 80 * all_sales <= a.sum() * 100


def test_it_was_one_commit_and_the_same_day_makes_no_other(work: Workplace) -> None:
    before = log(work.vault)
    assert before[0].subject == "classify tier, abc: 4714 moves"
    again = classify(work, apply=True)
    assert (again.moves, again.commit) == ((), None)
    assert len(log(work.vault)) == len(before)
