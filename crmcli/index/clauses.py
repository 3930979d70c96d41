"""Conditions of a query as SQL text and parameters; true or false for every customer, never NULL, so NOT is exact."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on `docs d`; `depth` counts the brackets SQLite's parser must hold."""

    sql: str
    params: tuple[object, ...] = ()
    depth: int = 0


EVERYTHING = Clause("1")


def every(clauses: Sequence[Clause]) -> Clause:
    """True where all are."""
    return _join(" AND ", clauses)


def some(clauses: Sequence[Clause]) -> Clause:
    """True where one of them is."""
    return _join(" OR ", clauses)


def no(clause: Clause) -> Clause:
    """True where it is not."""
    return Clause(f"NOT ({clause.sql})", clause.params, clause.depth + 1)


def _join(sign: str, clauses: Sequence[Clause]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    sql = sign.join(clause.sql for clause in clauses)
    params = tuple(param for clause in clauses for param in clause.params)
    return Clause(f"({sql})", params, 1 + max(clause.depth for clause in clauses))
