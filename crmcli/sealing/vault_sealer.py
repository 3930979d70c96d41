"""The sealer of a sealed vault: opens what its reader holds keys for, carries the rest, seals what changed.

A value is never sealed at a lower level than it had. What can't be read can't be changed, moved or dropped.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from crmcli.errors import Damaged, Finding, Refused, ValueProblem, Where
from crmcli.model.fields import Level
from crmcli.model.findings import Lines, line_of
from crmcli.model.sealed import Sealed, Token, is_token, token_of
from crmcli.sealing.cipher import Place, data_key, open_token, seal
from crmcli.sealing.leaves import Leaf, Levels, Tree, leaves, mapped
from crmcli.sealing.refusals import above, no_salt
from crmcli.sealing.sealer import Missing, Opened
from crmcli.text import _

NOTE = "commit.note"


class Keys(Protocol):
    """The keys of one reader in one vault."""

    @property
    def vault(self) -> str:
        """The vault's id."""

    @property
    def reads(self) -> Level:
        """The highest level this reader may open."""

    def readers(self, level: Level) -> Sequence[str]:
        """The roles that may open a level."""

    def master(self, level: Level, generation: int) -> bytes | None:
        """The master, or None where this reader has none."""

    def generation(self, level: Level) -> int:
        """The generation that new values of a level are sealed under."""

    def salts(self, uid: str) -> Mapping[str, bytes]:
        """The customer's salts by id; empty where none is here."""

    def knows_salt(self, name: str) -> bool:
        """Whether a salt with this id is or was here, whoever's it is."""

    def purged(self, uid: str) -> bool:
        """Whether the customer is in the ledger of the purged."""

    def mint(self, uid: str) -> tuple[str, bytes]:
        """A new salt and its id; durable before anything sealed with it is written."""


class VaultSealer:
    """Seals and opens the trees of one vault for one reader."""

    def __init__(self, keys: Keys, levels: Levels) -> None:
        self._keys, self._levels = keys, levels
        self.missing: set[Missing] = set()
        self.destroyed: set[str] = set()

    def open(self, tree: Mapping[str, Any], path: str | None, lines: Lines | None = None) -> Opened:
        """The tree as its reader may see it; nothing wrong with one value keeps the others from being shown."""
        opened = _Opening(self._keys, self._levels, tree, path, lines or {}).opened()
        self.missing |= opened.missing
        if path and "destroyed" in opened.missing:
            self.destroyed.add(path)
        return opened

    def seal(self, tree: Mapping[str, Any], was: Mapping[str, Any] | None = None, *, renew: bool = False) -> Tree:
        """The tree as it may enter git.

        Refused, kind "level", for a change above the reader's level; kind "no-salt" where the customer's salt is not here.
        Damaged for what can't be what was there before.
        """
        return _Sealing(self._keys, self._levels, tree, was or {}, renew=renew).sealed()

    def refuse_above(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Refused, kind "level", where one sealed tree differs from another in a value above the reader's level."""
        olds, news = ({leaf.path: leaf.text for leaf in leaves(tree)} for tree in (before, after))
        for path in olds.keys() | news.keys():
            for text in {olds.get(path, ""), news.get(path, "")} if olds.get(path) != news.get(path) else ():
                level = Sealed(text).level if is_token(text) else Level.OPEN
                if level.rank > self._keys.reads.rank:
                    raise above(path, level, self._keys.readers(level))

    def seal_note(self, tree: Mapping[str, Any], text: str) -> str:
        """The words of a commit about this customer as a token of level internal."""
        return _Sealing(self._keys, self._levels, tree, tree, renew=False).token(NOTE, Level.INTERNAL, text)

    def open_note(self, tree: Mapping[str, Any], text: str) -> str:
        """The words of a commit; a token that can't be opened stays one."""
        leaf = Leaf(("commit", "note"), NOTE, (), text)
        levels = Levels({leaf.way: Level.INTERNAL})
        return _Opening(self._keys, levels, tree, None, {}).leaf(leaf) if is_token(text) else text


class _Customer:
    """The keys of one customer."""

    def __init__(self, keys: Keys, uid: str) -> None:
        self.keys, self.uid = keys, uid
        self.salts = dict(keys.salts(uid))
        self._made: dict[tuple[Level, int, str], bytes | None] = {}

    def key(self, level: Level, generation: int, salt: str) -> bytes | None:
        """The data key; None without the master."""
        name = (level, generation, salt)
        if name not in self._made:
            master = self.keys.master(level, generation)
            made = master and data_key(master, self.salts[salt], self.keys.vault, self.uid, level)
            self._made[name] = made or None
        return self._made[name]

    def open(self, field: str, token: Token) -> str:
        """The value of a token whose salt is here; ValueProblem where it does not hold."""
        key = self.key(token.level, token.generation, token.salt)
        if key is None:
            said = _("The sealed value names a key that does not exist: {name}.")
            raise ValueProblem(said.format(name=f"{token.level.label}.{token.generation}"))
        return open_token(key, Place(self.uid, field), token)


class _Opening:
    """One file being opened."""

    def __init__(self, keys: Keys, levels: Levels, tree: Mapping[str, Any], path: str | None, lines: Lines) -> None:
        self._tree, self._path, self._lines, self._levels = tree, path, lines, levels
        self._customer = _Customer(keys, str(tree.get("uid", "")))
        self._damaged: list[Finding] = []
        self._clear: list[Finding] = []
        self._missing: set[Missing] = set()

    def opened(self) -> Opened:
        tree = mapped(self._tree, self.leaf)
        return Opened(tree, tuple(self._damaged), tuple(self._clear), frozenset(self._missing))

    def leaf(self, leaf: Leaf) -> str:
        """The value as its reader may see it."""
        level = self._levels.standing(leaf.way)
        if not is_token(leaf.text):
            if level is not Level.OPEN:
                said = _("Clear text in a sealed field (level {level}).").format(level=level.label)
                hint = _(
                    "`crm commit` seals a change made by hand; for a committed one: `crm seal NUMBER`, or `crm undo`."
                )
                self._clear.append(Finding(said, self._where(leaf), None, hint, damaged=True))
            return leaf.text
        try:
            return self._token(leaf, token_of(leaf.text), level)
        except ValueProblem as problem:
            hint = problem.hint or _("`crm history` tells who changed the file; `crm undo` undoes a change.")
            self._damaged.append(Finding(problem.message, self._where(leaf), problem.expected, hint, damaged=True))
            return Sealed(leaf.text)

    def _where(self, leaf: Leaf) -> Where:
        return Where(self._path, line_of(leaf.place, self._lines), leaf.path)

    def _token(self, leaf: Leaf, token: Token, level: Level) -> str:
        if token.level.rank < level.rank:
            said = _("The value is sealed for {level}, lower than the field's level.")
            raise ValueProblem(said.format(level=token.level.label), level.label)
        why = self._why_not(token)
        if why is not None:
            self._missing.add(why)
            return Sealed(leaf.text)
        return self._customer.open(leaf.path, token)

    def _why_not(self, token: Token) -> Missing | None:
        """Why this reader can't open it although nothing is wrong with it; ValueProblem for another customer's."""
        keys, customer = self._customer.keys, self._customer
        if token.salt in customer.salts:
            return "level" if keys.reads.rank < token.level.rank else None
        gone = keys.purged(customer.uid)
        if keys.knows_salt(token.salt) and not gone:
            raise ValueProblem(_("The sealed value was altered, or moved here from elsewhere."))
        return "destroyed" if gone else "salt"


class _Sealing:
    """One file being sealed."""

    def __init__(
        self, keys: Keys, levels: Levels, tree: Mapping[str, Any], was: Mapping[str, Any], *, renew: bool
    ) -> None:
        self._tree, self._levels, self._renew = tree, levels, renew
        self._customer = _Customer(keys, str(tree.get("uid", "")))
        self._was = {leaf.path: leaf.text for leaf in leaves(was)}
        found = ((path, _token_in(text)) for path, text in self._was.items() if is_token(text))
        self._tokens = {path: token for path, token in found if token is not None}

    def sealed(self) -> Tree:
        made = mapped(self._tree, self._leaf)
        kept = {leaf.path for leaf in leaves(self._tree)}
        for path, token in self._tokens.items():
            if path not in kept:
                self._may_write(path, token.level)
        return made

    def _leaf(self, leaf: Leaf) -> str:
        before = self._tokens.get(leaf.path)
        if isinstance(leaf.text, Sealed):
            return self._carried(leaf)
        declared = self._levels.of(leaf.way)
        standing = declared if self._renew else self._levels.standing(leaf.way)
        level = max(declared, before.level, key=_rank) if before else declared
        unchanged = self._was.get(leaf.path) == leaf.text and not self._renew
        if level is Level.OPEN or (unchanged and standing is Level.OPEN):
            return leaf.text
        if unchanged:
            raise _damaged(leaf.path, _("Clear text in a sealed field (level {level}).").format(level=level.label))
        if before and self._stays(before, standing) and self._value(leaf.path, before) == leaf.text:
            return str(before)
        return self.token(leaf.path, level, leaf.text)

    def _stays(self, before: Token, standing: Level) -> bool:
        """Whether an unchanged value may keep its token."""
        newest = not self._renew or before.generation == self._customer.keys.generation(before.level)
        return before.level.rank >= standing.rank and newest

    def _carried(self, leaf: Leaf) -> str:
        """A token that its reader could not open: only ever the one that stood at this place."""
        if self._was.get(leaf.path) != leaf.text:
            raise _damaged(leaf.path, _("The sealed value was altered, or moved here from elsewhere."))
        token = self._tokens.get(leaf.path)
        if token is None:
            raise _damaged(leaf.path, _("This is not a well-formed sealed value."))
        readable = token.salt in self._customer.salts and token.level.rank <= self._customer.keys.reads.rank
        if readable and self._value(leaf.path, token) is None:
            raise _damaged(leaf.path, _("The sealed value was altered, or moved here from elsewhere."))
        return str(leaf.text)

    def _value(self, path: str, token: Token) -> str | None:
        """The value of a token; None where it can't be opened."""
        if token.salt not in self._customer.salts:
            return None
        try:
            return self._customer.open(path, token)
        except ValueProblem:
            return None

    def token(self, path: str, level: Level, text: str) -> str:
        """A new token for this place, under the newest keys."""
        self._may_write(path, level)
        salt, generation = self._salt(), self._customer.keys.generation(level)
        key = self._customer.key(level, generation, salt)
        if key is None:
            raise above(path, level, self._customer.keys.readers(level))
        return seal(key, Place(self._customer.uid, path), level, generation, salt, text)

    def _may_write(self, path: str, level: Level) -> None:
        if self._customer.keys.reads.rank < level.rank:
            raise above(path, level, self._customer.keys.readers(level))

    def _salt(self) -> str:
        """The salt that the file's tokens have; a new one only for a customer without any token."""
        customer = self._customer
        used = {token.salt for token in self._tokens.values()}
        found = [name for name in customer.salts if name in used or not used]
        if found:
            return found[0]
        if customer.keys.purged(customer.uid):
            raise Refused(
                _("The file of this customer was destroyed; nothing new is sealed for them."), kind="destroyed"
            )
        if used:
            raise no_salt()
        name, salt = customer.keys.mint(customer.uid)
        customer.salts[name] = salt
        return name


def _damaged(path: str, message: str) -> Damaged:
    where = Where(field=path)
    hint = _("`crm check` names every such value; `crm history` tells who changed the file.")
    return Damaged(message, where=where, hint=hint, findings=[Finding(message, where, None, hint, damaged=True)])


def _token_in(text: str) -> Token | None:
    try:
        return token_of(text)
    except ValueProblem:
        return None


def _rank(level: Level) -> int:
    return level.rank
