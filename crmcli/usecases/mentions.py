"""Where customers who are to be destroyed are mentioned in other customers' files: number and field, never the value.

Looked for are their name, phones, e-mails, ID number and messenger, and their contact people's, as far as whoever works
may read them; in whatever of the other files they may read. One pass over all files, whatever the number of customers.
Found places are told to people and never written down.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from crmcli.errors import Finding, Where, dotted
from crmcli.model.dossier import Dossier
from crmcli.model.sealed import Sealed
from crmcli.text import _
from crmcli.usecases.records import Record, texts

GRAM = 4  # signs by which long needles are found; short ones by two
_DIGITS = re.compile(r"\+?[0-9][0-9Xx]{6,}")
_GAPS = re.compile(r"(?<=[0-9])[\s./-]+(?=[0-9Xx])")
Needles = Mapping[str, Collection[str]]  # the text → the numbers of those whom it names


def mentions(records: Iterable[Record], numbers: Collection[str]) -> tuple[Finding, ...]:
    """Every place in another customer's file that names one of these customers; each place once a customer. Last of
    all, that values which whoever works can't read were no part of it."""
    records = tuple(records)
    needles: dict[str, set[str]] = {}
    for record in records:
        for text in _needles(record.readable) if record.number in numbers else ():
            needles.setdefault(text, set()).add(record.number)
    heads: dict[str, list[str]] = {}
    for needle in needles:
        heads.setdefault(_head(needle), []).append(needle)
    found = (finding for record in records for finding in _in(record, needles, heads)) if needles else ()
    return (*found, *_unsearched(records, numbers))


def _unsearched(records: Collection[Record], numbers: Collection[str]) -> Iterator[Finding]:
    if numbers and len(records) > 1 and any(record.missing for record in records):
        said = _(
            "Mentions in other customers' files were looked for only as far as you can read; some values are sealed."
        )
        yield Finding(said, severity="warning")


def _needles(dossier: Dossier) -> Iterator[str]:
    """What a person is known by, as it is looked for."""
    people = (dossier, *dossier.contacts)
    for text in (getattr(one, name, None) for one in people for name in ("name", "phone", "email", "messenger")):
        yield from _spelled(text)
    yield from _spelled(dossier.id_number)


def _spelled(text: str | None) -> Iterator[str]:
    wanted = " ".join((text or "").split()).casefold()
    if _DIGITS.fullmatch(wanted):
        wanted = wanted.removeprefix("+86").removeprefix("+")
    if len(wanted) >= (3 if wanted.isascii() else 2):
        yield wanted


def _head(needle: str) -> str:
    """The signs by which a needle is recognised: its last, since phones begin alike."""
    return needle[-GRAM:] if len(needle) >= GRAM else needle[-2:]


def _in(record: Record, needles: Needles, heads: Mapping[str, list[str]]) -> Iterator[Finding]:
    values = [(place, _plain(text)) for place, text in texts(record.tree) if not isinstance(text, Sealed)]
    whole = "\n".join(text for _place, text in values)
    grams = {whole[at : at + size] for size in (2, GRAM) for at in range(len(whole) - size + 1)}
    likely = [needle for head in heads.keys() & grams for needle in heads[head] if needle in whole]
    told: dict[tuple[str, tuple[str | int, ...]], None] = {}
    for needle in likely:
        for place, text in values:
            if _names(needle, text):
                told.update({(number, place): None for number in needles[needle] if number != record.number})
    for number, place in sorted(told, key=str):
        said = _("{number} is mentioned here; decide whether to change it.").format(number=number)
        yield Finding(said, Where(record.path, None, dotted(place)), severity="warning")


def _plain(text: str) -> str:
    """A value as it is searched: blanks even, numbers without gaps."""
    return _GAPS.sub("", " ".join(text.split())).casefold()


def _names(needle: str, text: str) -> bool:
    """Whether the needle stands in the text, one of Latin letters or digits not in the midst of a longer word."""
    at = text.find(needle)
    while at >= 0:
        if not (needle.isascii() and (_inside(text, at) or _inside(text, at + len(needle)))):
            return True
        at = text.find(needle, at + 1)
    return False


def _inside(text: str, at: int) -> bool:
    """Whether a word of Latin letters or digits goes on across this place. A country's code may stand before a phone."""
    pair = text[max(at - 1, 0) : at + 1]
    return len(pair) == 2 and pair.isascii() and pair.isalnum() and not text[:at].endswith("+86")
