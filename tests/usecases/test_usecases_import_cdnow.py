"""The CDNOW sample imported whole: its published figures come out, from a sum over the YAML files that shares no code."""

import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from import_vault import counts, opened

from crmcli.store.history import log
from crmcli.usecases.import_ import Wanted, import_file

sys.path.insert(0, str(Path(__file__).parent.parent))
import cdnow


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return cdnow.write(tmp_path_factory.mktemp("cdnow"))


def test_the_published_figures_come_out(tmp_path: Path, files: tuple[Path, Path]) -> None:
    work = opened(tmp_path / "vault", currency="USD")
    customers, purchases = files
    first = import_file(work, customers, Wanted(key="external.shop", incomplete=True))
    second = import_file(work, purchases, Wanted("transactions", key="external.shop"))
    assert counts(first, "rows", "added", "rejected") == [2357, 2357, 0]
    assert counts(second, "rows", "updated", "entries_added", "rejected") == [6919, 2357, 6919, 0]
    assert len(log(work.vault)) == 3

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    found = [yaml.load(path.read_bytes(), loader) for path in (work.root / "records").rglob("*.yaml")]
    sales = [(tree["external"]["shop"], sale) for tree in found for sale in tree["transactions"]]
    assert len(found) == 2357
    assert sum(Decimal(sale["amount"]) for _shop, sale in sales) == Decimal("244091.94")
    assert sum(len(tree["transactions"]) >= 2 for tree in found) == 1152
    alike = Counter((shop, sale["date"], sale["quantity"], sale["amount"]) for shop, sale in sales)
    assert sorted(alike.elements()) == sorted(cdnow.purchases())
    assert Counter(alike.values()) == {1: 6879, 2: 17, 3: 2}
