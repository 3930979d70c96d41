"""The query language: a Lucene query → parameterised SQL over the index's layout.

Words side by side mean AND, and bind less tightly than OR (`tier:gold OR tier:diamond region:北京` is one of
the tiers, and 北京). Inside a field's brackets side by side means OR, since one field seldom has two values:
`tier:(gold diamond)`; `+` and `-` there mean must and must not. Conditions on entries ask for an entry each: two of
them may be met by two entries; the two ends of one range are met by the same. A negated condition on entries means
that no entry meets it.

Values travel as parameters, identifiers come from the layout alone. The text is refused with `Invalid`, pointing at the
character, or it runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from luqum.tree import (
    AndOperation,
    BaseGroup,
    From,
    Not,
    OrOperation,
    Phrase,
    Plus,
    Prohibit,
    Range,
    SearchField,
    To,
    UnknownOperation,
)
from luqum.tree import Word as Term

from crmcli.errors import Invalid, ValueProblem
from crmcli.index import syntax, values
from crmcli.index.clauses import EVERYTHING, Clause, every, no, some
from crmcli.index.layout import ORDERED, Column, Layout, Target, layout, printable
from crmcli.index.rows import Codes
from crmcli.index.syntax import Word
from crmcli.index.trouble import Source
from crmcli.index.values import Rules
from crmcli.model.names import spoken
from crmcli.model.spelling import fold
from crmcli.text import _

if TYPE_CHECKING:
    from crmcli.model.catalog import CatalogField

Made = TypeVar("Made")
DEEPEST = 20  # SQLite's parser holds a hundred open symbols
RANKED = 8  # so many bare words take part in ranking


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run.

    where, params      the condition on `docs d` and its values
    rank, rank_params  an expression, smaller is better: 0 for the exact number, 1 for key fields, 2 for other text
    fields             what the query names, in its order: fields ("spend", "classes.abc") and nouns ("interaction")
    bare               whether words without a field search all text
    """

    where: str
    params: tuple[object, ...]
    rank: str = ""
    rank_params: tuple[object, ...] = ()
    fields: tuple[str, ...] = ()
    bare: bool = False


def compile_query(text: str, fields: Sequence["CatalogField"], codes: Codes, *, now: datetime) -> Compiled:
    """`text` as SQL; empty means every customer.

    now  aware, in the vault's time zone: relative dates start from it, days are days there

    Invalid (exit 2) names what is wrong and where; the hint shows the place and the nearest name.
    """
    return Compiler(Source(_encodable(text)), layout(fields), Rules(codes, now)).compile()


def both(first: Compiled, second: Compiled) -> Compiled:
    """What the first query asks for, in its ranking, as far as the second finds it, too."""
    where = f"({first.where}) AND ({second.where})"
    params = (*first.params, *second.params)
    return Compiled(where, params, first.rank, first.rank_params, first.fields, first.bare)


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Source(text).trouble(_("The query is not readable text."), error.start) from None
    return text


def _said(name: str, found: Target) -> str:
    """The name that the catalogue has for what a query calls `name`."""
    if found.column is None:
        return spoken(name)
    return found.column.name if found.row is None else f"{found.column.name}.{found.row}"


class Compiler:
    """One query on its way."""

    def __init__(self, source: Source, layout: Layout, rules: Rules) -> None:
        self.source, self.layout, self.rules = source, layout, rules
        self.ranks: list[Clause] = []
        self.fields: dict[str, None] = {}
        self.bare = False
        texts = [column for column in layout.columns if column.words is not None]
        self.keys = tuple(str(column.words) for column in texts if column.names_customer)
        self.phones = tuple(str(column.words) for column in texts if column.type == "phone")

    def compile(self) -> Compiled:
        """The whole query."""
        if not self.source.text.strip():
            return Compiled(EVERYTHING.sql, ())
        tree = syntax.tree(self.source, lambda name: self.layout.find(name) is not None, self.unknown)
        try:
            found = self.clause(tree)
        except RecursionError:
            found = Clause("", (), DEEPEST + 1)
        if found.depth > DEEPEST:
            raise self.source.trouble(_("The query is nested too deeply."), 0)
        rank = " + ".join(clause.sql for clause in self.ranks)
        ranked = tuple(param for clause in self.ranks for param in clause.params)
        return Compiled(found.sql, found.params, rank, ranked, tuple(self.fields), self.bare)

    def unknown(self, name: str, at: int) -> Invalid:
        """The error for a name that is no field."""
        hint = [self.layout.nearest(name), _('To search for text that holds a colon, put it in quotes: "10:30".')]
        message = _("Unknown field {name}.").format(name=printable(name))
        return self.source.trouble(message, at, "\n".join(part for part in hint if part))

    def clause(self, item: Any, target: Target | None = None) -> Clause:
        """The condition of one node; `target` is the field whose value or group it is."""
        for kind, build in self._ways().items():
            if isinstance(item, kind):
                return build(item, target)
        raise self.source.trouble(_("This is not available in queries."), item.pos or 0)

    def _ways(self) -> dict[Any, Callable[[Any, Target | None], Clause]]:
        return {
            SearchField: self._field,
            BaseGroup: lambda item, target: self.clause(item.expr, target),
            Plus: lambda item, target: self.clause(item.a, target),
            (Not, Prohibit): lambda item, target: no(self.clause(item.a, target)),
            AndOperation: lambda item, target: every([self.clause(part, target) for part in item.operands]),
            OrOperation: lambda item, target: some([self.clause(part, target) for part in item.operands]),
            UnknownOperation: self._side_by_side,
            (From, To): self._comparison,
            Range: self._range,
            (Term, Phrase): self._value,
        }

    def _side_by_side(self, item: Any, target: Target | None) -> Clause:
        if target is None:
            return every([self.clause(part) for part in item.operands])
        must = [self.clause(part, target) for part in item.operands if isinstance(part, Plus | Not | Prohibit)]
        may = [self.clause(part, target) for part in item.operands if not isinstance(part, Plus | Not | Prohibit)]
        required = any(isinstance(part, Plus) for part in item.operands)
        return every(must if required or not may else [*must, some(may)])

    def _field(self, item: Any, target: Target | None) -> Clause:
        found = self.layout.find(item.name)
        if target is not None:
            message = _("A field cannot stand inside the brackets of another.")
            raise self.source.trouble(message, item.pos, _("Close the bracket first."))
        if found is None:
            raise self.unknown(item.name, item.pos)
        self.fields[_said(item.name, found)] = None
        return self.clause(item.expr, found)

    def _value(self, item: Any, target: Target | None) -> Clause:
        value = syntax.word(self.source, item)
        if value.anything:
            return EVERYTHING if target is None else values.present(target)
        if target is None:
            return self._bare(value)
        column = self._column(target, value.at)
        return self._told(value.at, lambda: values.equal(target, column, value, self.rules))

    def _bare(self, value: Word) -> Clause:
        self._not_an_operator(value)
        self.bare = True
        found, ranked = self._told(value.at, lambda: values.anywhere(value, self.keys, self.phones))
        if ranked is not None and len(self.ranks) < RANKED:
            sql = f"CASE WHEN d.number_key = ? THEN 0 WHEN {ranked.sql} THEN 1 ELSE 2 END"
            self.ranks.append(Clause(f"({sql})", (fold(value.text).strip(), *ranked.params)))
        return found

    def _not_an_operator(self, value: Word) -> None:
        for sign, better in (("&&", "AND"), ("||", "OR"), ("!", "NOT")):
            if not value.quoted and self.source.text.startswith(sign, value.at):
                message = _("{sign} is not an operator here.").format(sign=sign)
                raise self.source.trouble(message, value.at, _("Write {better}").format(better=better))

    def _comparison(self, item: Any, target: Target | None) -> Clause:
        sign = (">" if isinstance(item, From) else "<") + ("=" if item.include else "")
        value = syntax.word(self.source, item.a)
        column = self._ordered(target, item.pos)
        return self._told(value.at, lambda: values.compared(self._of(target), column, sign, value, self.rules))

    def _range(self, item: Any, target: Target | None) -> Clause:
        column = self._ordered(target, item.pos)
        low = self._bound(">=" if item.include_low else ">", item.low)
        high = self._bound("<=" if item.include_high else "<", item.high)
        return self._told(item.pos, lambda: values.between(self._of(target), column, low, high, self.rules))

    def _bound(self, sign: str, item: Any) -> tuple[str, Word] | None:
        value = syntax.word(self.source, item)
        return None if value.anything else (sign, value)

    def _of(self, target: Target | None) -> Target:
        if target is None:
            raise TypeError("a field was checked for before")
        return target

    def _ordered(self, target: Target | None, at: int) -> Column:
        if target is None:
            raise self.source.trouble(_("A comparison needs a field."), at, _("For example: spend:>100"))
        column = self._column(target, at)
        if column.type not in ORDERED:
            message = _("The field {name} has no order.").format(name=column.name)
            raise self.source.trouble(message, at, _("Amounts, numbers and dates can be compared."))
        return column

    def _column(self, target: Target, at: int) -> Column:
        if target.column is None:
            message = _("This is a kind of entry, not a field.")
            raise self.source.trouble(
                message, at, _("Name one of its fields, or use :* to find customers that have any")
            )
        return target.column

    def _told(self, at: int, make: Callable[[], Made]) -> Made:
        """What `make` gives, its problem pointed at the value."""
        try:
            return make()
        except ValueProblem as problem:
            expected = _("Expected: {expected}").format(expected=problem.expected) if problem.expected else None
            hint = "\n".join(part for part in (expected, problem.hint) if part)
            raise self.source.trouble(printable(problem.message), at, hint) from None
