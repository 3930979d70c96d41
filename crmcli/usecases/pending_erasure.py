"""Whose file is to be destroyed, by a request or a plan that waits, while somebody changes it: it is said, and goes on
as it is, since a plan means the very file that it was made for. Reads only.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from crmcli.errors import CrmError, Finding, Where
from crmcli.model.identity import number_at, record_path
from crmcli.model.plan import FOLDER
from crmcli.model.retention import REQUEST
from crmcli.store.files import read_file
from crmcli.store.journal import blob_hash
from crmcli.store.records import kept_files
from crmcli.store.transaction import Change
from crmcli.store.yamlread import parse, parse_many
from crmcli.text import _, n_
from crmcli.usecases.purge_past import RUN, looked_back
from crmcli.usecases.workplace import Workplace

FEW = 5
_NUMBERS = re.compile(rb"C[0-9]{11,}")


def tell_of_plans(work: Workplace, changes: Sequence[Change]) -> None:
    """Say, beside the result, that these changes are of customers whom a request or a plan lists."""
    numbers = {number for one in changes if one.content is not None and (number := number_at(one.path))}
    asked: dict[str, None] = {}
    for path in kept_files(work.root, FOLDER) if numbers else ():
        data = read_file(work.root, path) or b""
        if numbers.isdisjoint(text.decode() for text in _NUMBERS.findall(data)):
            continue
        items = [item for item in _items(data, path) if item["number"] in numbers]
        asked |= dict.fromkeys(item["number"] for item in items if item["rule"] == REQUEST and _meant(work, item))
        mark = f"{path} {blob_hash(data, work.vault.algorithm)}"
        due = [item["number"] for item in items if item["rule"] != REQUEST and _meant(work, item, as_it_stands=True)]
        if due and all(commit.trailer(RUN) != mark for commit in looked_back(work)):
            work.tell(_planned(path, due))
    if asked:
        work.tell(_requested(list(asked)))


def _items(data: bytes, path: str) -> Iterator[dict[str, Any]]:
    """The items of a plan as far as it can be read; `crm check` names one that does not hold."""
    try:
        listed = parse_many(data, path)[0].tree.get("items")
    except (CrmError, IndexError):
        return
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and all(
            isinstance(item.get(name), str) for name in ("number", "uid", "rule", "file")
        ):
            yield item


def _meant(work: Workplace, item: dict[str, Any], *, as_it_stands: bool = False) -> bool:
    """Whether an item is about the customer on file, and the file as it stands."""
    path = record_path(item["number"])
    data = read_file(work.root, path)
    if data is None or (as_it_stands and blob_hash(data, work.vault.algorithm) != item["file"]):
        return False
    try:
        return bool(parse(data, path).tree.get("uid") == item["uid"])
    except CrmError:
        return False


def _requested(numbers: list[str]) -> Finding:
    said = n_(
        "{numbers} asked for their file to be destroyed; the request means the file as it was.",
        "{count} customers asked for their files to be destroyed: {numbers}; the requests mean the files as they were.",
        len(numbers),
    )
    hint = _("`crm purge {number} --request` makes it again.").format(number=numbers[0])
    where = Where(record_path(numbers[0]))
    return Finding(said.format(numbers=_listed(numbers), count=len(numbers)), where, hint=hint, severity="warning")


def _planned(path: str, numbers: list[str]) -> Finding:
    said = n_(
        "{numbers} is to be destroyed by this plan, which does not reach a changed file.",
        "{count} customers are to be destroyed by this plan, which does not reach changed files: {numbers}.",
        len(numbers),
    )
    told = said.format(numbers=_listed(numbers), count=len(numbers))
    return Finding(told, Where(path), hint=_("`crm purge plan` decides again."), severity="warning")


def _listed(numbers: list[str]) -> str:
    return ", ".join(numbers[:FEW]) + (" …" if len(numbers) > FEW else "")
