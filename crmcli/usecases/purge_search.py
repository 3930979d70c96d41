"""Where values of customers who are destroyed stand in files that are nobody's: import files, exports, notes.

The moment of destruction is the only one at which the values are known. Searched are all versions of all files in the
vault's history but customers' files and house rules, what lies loose, and leftover edits. Phones, e-mail addresses, ID
numbers and bank accounts count alone, a name only beside an address or a messenger name. What is found is told as
places and never written down; only the commits are remembered in which it stood (`searched`).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from crmcli.errors import Finding, Where
from crmcli.model.dossier import Dossier
from crmcli.model.identity import number_at
from crmcli.model.sealed import Sealed
from crmcli.store.csvtext import MARKS
from crmcli.store.records import FOLDER
from crmcli.store.vault import Vault
from crmcli.text import _, n_
from crmcli.usecases.past_search import PastSearch, contents
from crmcli.usecases.purge_advice import delete, listed, rewrite_paths
from crmcli.usecases.purge_places import content, loose
from crmcli.usecases.records import Record, texts
from crmcli.usecases.searched import question
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace

_RUN = re.compile(rb"[0-9]{6,}[Xx]?")
_GAP = re.compile(rb"(?<=[0-9])[ .-](?=[0-9])")
_EMAIL = re.compile(rb"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,255}")
Places = dict[str, dict[str, None]]  # the path → the numbers of those whose values stand there


@dataclass(frozen=True)
class Known:
    """What one customer is known by: words that count alone, and words that count where the name stands, too.

    partial   whether more is sealed for whoever works
    question  what the history is asked: their file, and what of it can be read
    """

    number: str
    uid: str
    alone: frozenset[bytes]
    name: str | None
    beside: tuple[str, ...]
    partial: bool
    question: str


def known(record: Record) -> Known:
    """The values of a customer, as far as whoever works can read them."""
    one = record.readable
    alone = frozenset(word for text in _alone(one) if text for word in _words(text.encode()))
    beside = tuple(text for text in (one.address, one.messenger) if text)
    return Known(record.number, one.uid, alone, one.name, beside, bool(record.missing), _question(record))


def _question(record: Record) -> str:
    unread = [place for place, text in texts(record.tree) if isinstance(text, Sealed)]
    return question("values", sha256(record.data).hexdigest(), unread)


def _alone(one: Dossier) -> tuple[str | None, ...]:
    return one.phone, one.email, one.id_number, one.bank.account if one.bank else None


def elsewhere(work: Workplace, wanted: Sequence[Known], lying: Sequence[str] | None = None) -> tuple[Finding, ...]:
    """Every place outside of customers' files where values of theirs stand, each once with all whom it is about. Last of
    all, that values which whoever works can't read were no part of it. `lying`: what `unsettled` names, where known."""
    vault = as_written(work.vault)
    history = _in_history(vault, wanted) if wanted else {}
    files = _lying_loose(vault, wanted, lying) if wanted else {}
    found = [_finding(numbers, path, rewrite_paths(vault, [path])) for path, numbers in history.items()]
    found += [_finding(numbers, path, delete(path)) for path, numbers in files.items()]
    if any(one.partial for one in wanted):
        said = _("Other files were searched only for the values that you can read.")
        found.append(Finding(said, severity="warning"))
    return tuple(found)


def _in_history(vault: Vault, wanted: Sequence[Known]) -> Places:
    found: Places = {}
    search = PastSearch(vault, {one.number: one.question for one in wanted}, without=(FOLDER, "schemas"))
    for (name, path), data in contents(vault, search.versions()):
        numbers = [number for number in _named(data, wanted) if number not in found.get(path, ())]
        _add(found, path, numbers)
        for number in numbers:
            search.holds(number, name)
    search.keep()
    return found


def _lying_loose(vault: Vault, wanted: Sequence[Known], lying: Sequence[str] | None) -> Places:
    """In loose files the number alone is enough: an edit that was left says more."""
    found: Places = {}
    for path in loose(vault, lying):
        inside = path.relative_to(vault.root).as_posix() if path.is_relative_to(vault.root) else None
        data = content(path) if inside is None or number_at(inside) is None else None
        if data is not None:
            _add(found, inside or str(path), [*_named(data, wanted), *_numbered(data, wanted)])
    return found


def _add(found: Places, path: str, numbers: Sequence[str]) -> None:
    if numbers:
        found.setdefault(path, {}).update(dict.fromkeys(numbers))


def _finding(numbers: Collection[str], path: str, hint: str) -> Finding:
    said = n_(
        "It holds values of {numbers}; decide whether they stay.",
        "It holds values of {count} customers who are destroyed; decide whether they stay: {numbers}.",
        len(numbers),
    )
    words = said.format(count=len(numbers), numbers=listed(sorted(numbers)))
    return Finding(words, Where(path), hint=hint, severity="warning")


def _named(data: bytes, wanted: Sequence[Known]) -> list[str]:
    words, text = _words(data), _text(data)
    return [one.number for one in wanted if one.alone & words or _beside(text, one)]


def _numbered(data: bytes, wanted: Sequence[Known]) -> list[str]:
    plain = data.replace(b"\0", b"")
    return [one.number for one in wanted if one.number.encode() in plain or one.uid.encode() in plain]


def _words(data: bytes) -> set[bytes]:
    """Every long number and e-mail address, in one spelling each. Without zero bytes UTF-16 is ASCII as far as it can be."""
    plain = data.replace(b"\0", b"").lower()
    runs = {run for text in (plain, _GAP.sub(b"", plain)) for run in _RUN.findall(text)}
    digits = {run.rstrip(b"x") for run in runs} | runs
    return digits | {run[2:] for run in digits if run.startswith(b"86")} | set(_EMAIL.findall(plain))


def _beside(text: str, one: Known) -> bool:
    return bool(one.beside and one.name) and (one.name or "") in text and any(word in text for word in one.beside)


def _text(data: bytes) -> str:
    """The bytes as text, in the encoding that they seem to be in."""
    marked = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if marked:
        return data.decode(marked, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
