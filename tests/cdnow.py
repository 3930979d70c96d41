"""The CDNOW sample (tests/data/README.md) as two CSV files to import: its customers and their purchases.

`python tests/cdnow.py OUTDIR` writes customers.csv and purchases.csv there. Nothing is added but the headings and what is
the same in every row: kind, source, product, currency.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

SAMPLE = Path(__file__).parent / "data" / "cdnow_sample.txt"
CUSTOMERS = ("external.shop", "kind", "source")
PURCHASES = ("external.shop", "date", "product", "quantity", "amount", "currency")


def purchases() -> Iterator[tuple[str, str, str, str]]:
    """Customer number in the whole file, ISO date, number of CDs, amount in USD: one a line of the sample."""
    for line in SAMPLE.read_text(encoding="ascii").splitlines():
        customer, _in_sample, day, count, amount = line.split()
        yield customer, f"{day[:4]}-{day[4:6]}-{day[6:]}", count, amount


def write(folder: Path) -> tuple[Path, Path]:
    """Write both files; their paths, customers first."""
    folder.mkdir(parents=True, exist_ok=True)
    bought = list(purchases())
    numbers = dict.fromkeys(customer for customer, *_rest in bought)
    customers = [(number, "individual", "online-shop") for number in numbers]
    sales = [(number, day, "CD", count, amount, "USD") for number, day, count, amount in bought]
    return _write(folder / "customers.csv", CUSTOMERS, customers), _write(folder / "purchases.csv", PURCHASES, sales)


def _write(path: Path, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headings, *rows])
    return path


if __name__ == "__main__":
    write(Path(sys.argv[1]))
