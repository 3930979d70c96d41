"""Runs compiled queries: hits in order, counts, and customers by what people call them. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmcli.index.build import Index
from crmcli.index.layout import NAMED_BY, Column, Target
from crmcli.index.numbers import phone_forms
from crmcli.model.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmcli.index.query import Compiled

BATCH = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """One customer found; `values` holds the requested columns as written, "" where absent, several joined by ", "."""

    number: str
    path: str
    values: "Mapping[str, str]"


def search(
    index: Index,
    compiled: "Compiled",
    *,
    columns: Sequence[str],
    sort: Sequence[str] = (),
    limit: int = 50,
    offset: int = 0,
) -> list[Hit]:
    """The hits of a query.

    columns  names of fields; Invalid for an unknown one
    sort     "field" or "-field", the first weighs most; what is absent comes last; without it by rank
    limit    at most so many, 0 for all; `offset` hits are passed over

    Ties go by the last contact, the latest first, then by number.
    """
    shown = {name: _shown(index.layout.column(name)) for name in columns}
    order, params = _order(index, compiled, sort)
    sql = f"SELECT d.doc, d.number, d.path FROM docs d WHERE {compiled.where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
    found = index.connection.execute(sql, (*compiled.params, *params, limit or -1, offset)).fetchall()
    values = _values(index, [doc for doc, *_ in found], shown)
    return [Hit(number, path, values.get(doc, {})) for doc, number, path in found]


def count(index: Index, compiled: "Compiled") -> int:
    """How many customers a query finds."""
    sql = f"SELECT count(*) FROM docs d WHERE {compiled.where}"  # noqa: S608
    return int(index.connection.execute(sql, compiled.params).fetchone()[0])


def exact(index: Index, value: str) -> list[str]:
    """Numbers of the customers called exactly this.

    By number or former number, name, company, phone in any spelling, e-mail, ID number, credit code or external id,
    without regard to width and case.
    """
    said = fold(value).strip()
    if not said:
        return []
    tests, params = ["d.number_key = ?"], [said]
    for column in index.layout.columns:
        if column.field.noun is None and column.name in NAMED_BY:
            forms = (said, *phone_forms(said)) if column.type == "phone" else (said,)
            marks = ", ".join("?" * len(forms))
            tests.append(_holds(column, marks))
            params.extend(forms)
    return _numbers(index, " OR ".join(tests), params)


def by_prefix(index: Index, prefix: str, limit: int = 20) -> list[str]:
    """Numbers that begin with `prefix`, at most `limit` of them (0 for all)."""
    said = fold(prefix).strip()
    return _numbers(index, "substr(d.number_key, 1, length(?)) = ?", [said, said], limit) if said else []


def _numbers(index: Index, where: str, params: Sequence[str], limit: int = 0) -> list[str]:
    sql = f"SELECT d.number FROM docs d WHERE {where} ORDER BY d.number_key LIMIT ?"  # noqa: S608
    return [number for (number,) in index.connection.execute(sql, (*params, limit or -1))]


def _holds(column: Column, marks: str) -> str:
    if column.table == "docs":
        return f"d.{column.sort} IN ({marks})"
    return f"d.doc IN (SELECT doc FROM many WHERE field = {column.position} AND k IN ({marks}))"  # noqa: S608


def _order(index: Index, compiled: "Compiled", sort: Sequence[str]) -> tuple[str, tuple[object, ...]]:
    terms: list[str] = []
    params: list[object] = []
    for item in sort:
        descending = item.startswith("-")
        sql, own = _sorted_by(index, index.layout.column(item.removeprefix("-")), descending)
        terms.append(f"{sql} {'DESC' if descending else 'ASC'} NULLS LAST")
        params.extend(own)
    if compiled.rank and not sort:
        terms.append(f"({compiled.rank})")
        params.extend(compiled.rank_params)
    last = index.layout.names.get("last_contact")
    if last is not None and last.column is not None and last.table == "docs":
        terms.append(f"nullif(d.{last.column.sort}, '') DESC NULLS LAST")
    return ", ".join([*terms, "d.number_key"]), tuple(params)


def _sorted_by(index: Index, target: Target, descending: bool) -> tuple[str, tuple[object, ...]]:
    """The expression to sort by: of several values the greatest or the least, codes in the order of their list."""
    column = target.field
    key = f"d.{column.sort}" if column.table == "docs" else column.sort
    known = tuple(map(fold, index.codes.get(column.field.codes or "", {})))
    if known:
        cases = " ".join(f"WHEN ? THEN {place}" for place in range(len(known)))
        key = f"CASE {key} {cases} ELSE iif({key} = '', NULL, {len(known)}) END"
    else:
        key = f"nullif({key}, '')"
    if column.table == "docs":
        return key, known
    where, own = _rows(target, column)
    return f"(SELECT {'max' if descending else 'min'}({key}) FROM {column.table} WHERE {where})", (*known, *own)  # noqa: S608


def _rows(target: Target, column: Column) -> tuple[str, tuple[object, ...]]:
    if column.table != "many":
        return "doc = d.doc", ()
    if target.row is None:
        return "doc = d.doc AND field = ?", (column.position,)
    return "doc = d.doc AND field = ? AND row = ?", (column.position, target.row)


def _shown(target: Target) -> tuple[str, tuple[object, ...]]:
    """The expression that gives a field's value as written."""
    column = target.field
    if column.table == "docs":
        return f"d.{column.text}", ()
    where, own = _rows(target, column)
    one = "row || ':' || t" if column.field.table and target.row is None else column.text
    inner = f"SELECT {one} AS v FROM {column.table} WHERE {where} AND v <> '' ORDER BY rowid"  # noqa: S608
    return f"ifnull((SELECT group_concat(v, ', ') FROM ({inner})), '')", own  # noqa: S608


def _values(
    index: Index, docs: Sequence[int], shown: "Mapping[str, tuple[str, tuple[object, ...]]]"
) -> "dict[int, Mapping[str, str]]":
    if not shown:
        return {}
    found: dict[int, Mapping[str, str]] = {}
    texts = ", ".join(sql for sql, _ in shown.values())
    params = tuple(param for _, own in shown.values() for param in own)
    for start in range(0, len(docs), BATCH):
        batch = docs[start : start + BATCH]
        sql = f"SELECT d.doc, {texts} FROM docs d WHERE d.doc IN ({', '.join('?' * len(batch))})"  # noqa: S608
        for doc, *values in index.connection.execute(sql, (*params, *batch)):
            found[doc] = dict(zip(shown, values, strict=True))
    return found
