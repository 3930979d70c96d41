"""YAML text → plain trees, from a parser's events.

Promises that every scalar is taken as it stands and that what could mean two things is refused with its line: duplicate
keys, anchors, aliases, tags, directives, empty values. Never resolves a type. Reads no more than the parser has seen.
"""

from collections.abc import Callable
from typing import Any

from yaml import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    YAMLError,
)

from crmcli.errors import Invalid, Where, dotted
from crmcli.store.yamlproblem import explained
from crmcli.store.yamlscalar import is_name
from crmcli.store.yamltree import MAX_DEPTH, MAX_KEY, Node, Path, Source, Tree
from crmcli.text import _

try:
    from yaml import CBaseLoader as Parser
except ImportError:  # a PyYAML built without libyaml: the same events, some ten times slower
    from yaml import BaseLoader as Parser  # type: ignore[assignment]


def documents(text: str, path: str, *, many: bool) -> list[Source]:
    """Every document in `text`: one mapping unless `many`, which also takes several and lists of them. At least one."""
    try:
        return _Reader(text, path, many).sources()
    except YAMLError as error:
        raise explained(error, path, text) from error


class _Reader:
    """One pass over one text."""

    def __init__(self, text: str, path: str, many: bool) -> None:
        self._next: Callable[[], Any] = Parser(text).get_event
        self._path = path
        self._many = many
        self._lines: dict[Path, int] = {}
        # An escape is the one way for a lone surrogate to get in, and only the pure Python parser lets it pass.
        self._surrogates = "\\u" in text or "\\U" in text

    def sources(self) -> list[Source]:
        self._next()
        found: list[Source] = []
        while type(event := self._next()) is not StreamEndEvent:
            self._start_document(event, found)
            found += self._document()
            self._next()
        if not found:
            raise Invalid(_("The file is empty."), where=Where(self._path), hint=_("Every line is `name: value`."))
        return found

    def _start_document(self, event: Event, found: list[Source]) -> None:
        if not isinstance(event, DocumentStartEvent):
            raise TypeError(f"a document cannot start with {event!r}")
        if event.version or event.tags:
            hint = _("Remove the lines that start with %.")
            raise self._refusal(event, (), _("YAML directives are not allowed."), hint)
        if found and not self._many:
            hint = _("One customer, one file: move it to a file of its own.")
            raise self._refusal(event, (), _("A second document starts here."), hint)

    def _document(self) -> list[Source]:
        event = self._next()
        if self._many and type(event) is SequenceStartEvent:
            self._refuse_extras(event, ())
            return self._listed()
        return [self._source(event)]

    def _listed(self) -> list[Source]:
        found = []
        while type(event := self._next()) is not SequenceEndEvent:
            found.append(self._source(event))
        return found

    def _source(self, event: Event) -> Source:
        if type(event) is not MappingStartEvent:
            if isinstance(event, AliasEvent):
                self._refuse_alias(event, ())
            message = _("This is not a customer: names with values are expected.")
            raise self._refusal(event, (), message, _("Every line is `name: value`."))
        self._refuse_extras(event, ())
        self._lines = {}
        tree: Tree = self._mapping(())
        return Source(tree, self._lines)

    def _mapping(self, path: Path) -> dict[str, Node]:
        tree: dict[str, Node] = {}
        following, lines = self._next, self._lines
        while type(event := following()) is not MappingEndEvent:
            key = self._key(event, path)
            here = (*path, key)
            if key in tree:
                message = _("{key} is here twice; the first is on line {line}.").format(key=key, line=lines[here])
                raise self._refusal(event, here, message, _("Keep one of them."))
            lines[here] = _line(event)
            tree[key] = self._node(following(), here)
        return tree

    def _sequence(self, path: Path) -> list[Node]:
        items: list[Node] = []
        following, lines = self._next, self._lines
        while type(event := following()) is not SequenceEndEvent:
            here = (*path, len(items))
            lines[here] = _line(event)
            items.append(self._node(event, here))
        return items

    def _node(self, event: Event, path: Path) -> Node:
        if type(event) is ScalarEvent:
            if event.anchor is None and event.tag is None and event.value:
                return self._checked(event, path) if self._surrogates else str(event.value)
            return self._doubtful(event, path)
        if not isinstance(event, CollectionStartEvent):
            self._refuse_alias(event, path)
        self._refuse_extras(event, path)
        if len(path) >= MAX_DEPTH:
            message = _("Nested too deeply: at most {depth} levels.").format(depth=MAX_DEPTH)
            raise self._refusal(event, path, message, _("Flatten it."))
        return self._mapping(path) if type(event) is MappingStartEvent else self._sequence(path)

    def _key(self, event: Event, path: Path) -> str:
        if type(event) is not ScalarEvent:
            if isinstance(event, AliasEvent):
                self._refuse_alias(event, path)
            message = _("A list or a table cannot be the name of a value.")
            raise self._refusal(event, path, message, _("Write `name: value`; put a value in brackets between quotes."))
        self._refuse_extras(event, path)
        key = str(event.value)
        if not is_name(key):
            message = _("A name must have 1 to {limit} characters on one line.").format(limit=MAX_KEY)
            raise self._refusal(event, path, message, _("Write `name: value`."))
        return self._checked(event, path) if self._surrogates else key

    def _doubtful(self, event: ScalarEvent, path: Path) -> str:
        self._refuse_extras(event, path)
        if event.implicit[0]:
            raise self._refusal(event, path, _("A value is expected."), _("Remove the line, or write a value."))
        return str(event.value)

    def _checked(self, event: ScalarEvent, path: Path) -> str:
        text = str(event.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            message = _("Half a character (a lone surrogate).")
            raise self._refusal(event, path, message, _("Write the character itself."))
        return text

    def _refuse_alias(self, event: Event, path: Path) -> None:
        raise self._refusal(event, path, _("Aliases are not allowed: a * starts one."), _quote_or_write_out())

    def _refuse_extras(self, event: Event, path: Path) -> None:
        if getattr(event, "anchor", None) is not None:
            raise self._refusal(event, path, _("Anchors are not allowed: a & starts one."), _quote_or_write_out())
        if getattr(event, "tag", None) is not None:
            raise self._refusal(event, path, _("Tags are not allowed: a ! starts one."), _quote_or_write_out())

    def _refusal(self, event: Event, path: Path, message: str, hint: str) -> Invalid:
        return Invalid(message, where=Where(self._path, _line(event), dotted(path)), hint=hint)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _quote_or_write_out() -> str:
    return _("Write the value out; put text that starts with this sign between double quotes.")
