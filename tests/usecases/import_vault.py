"""What the tests of the import share: a vault with the shipped house rules, files in any encoding, rows read back."""

import csv
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crmcli.store.csvread import load
from crmcli.usecases.change import Outcome
from crmcli.usecases.import_ import Wanted, import_file
from crmcli.usecases.init import init
from crmcli.usecases.records import read_all
from crmcli.usecases.workplace import Workplace, open_workplace

NOW = datetime.fromisoformat("2026-11-22T10:00+08:00")
PEOPLE = "kind,name,phone,region,source"


def opened(folder: Path, **settings: str) -> Workplace:
    """A new vault, opened."""
    env = dict(os.environ)
    init(folder, env, NOW, settings=settings)
    return open_workplace(folder, env, NOW, turned=False, exact=True)


class Desk:
    """A vault and the folder with the files a person imports."""

    def __init__(self, folder: Path) -> None:
        self.work, self.folder = opened(folder / "vault"), folder

    def file(self, *lines: str, name: str = "in.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
        return path

    def take(self, *lines: str, name: str = "in.csv", encoding: str = "utf-8", **wanted: Any) -> Outcome:
        return self.take_file(self.file(*lines, name=name, encoding=encoding), **wanted)

    def take_file(self, path: Path, *, dry_run: bool = False, **wanted: Any) -> Outcome:
        wanted.setdefault("rejects", self.folder / "rejected.csv")
        wanted["subject"] = wanted.pop("as_", "customers")
        return import_file(self.work, path, Wanted(**wanted), dry_run=dry_run)

    def trees(self) -> list[dict[str, Any]]:
        return [record.tree for record in read_all(self.work).records]

    def head(self) -> str | None:
        return self.work.vault.git().head()

    def status(self) -> bytes:
        return self.work.vault.git().run("status", "--porcelain")

    def rejected(self, name: str = "rejected.csv") -> list[dict[str, str]]:
        text = load(self.folder / name).decode("utf-8-sig")
        return list(csv.DictReader(text.splitlines()))


def counts(outcome: Outcome, *names: str) -> Sequence[int]:
    return [outcome.data[name] for name in names]
