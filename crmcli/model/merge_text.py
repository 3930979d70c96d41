"""Two texts of one file as one text with git's conflict markers around the lines that differ. Pure."""

from difflib import SequenceMatcher


def conflict_text(ours: bytes, theirs: bytes, labels: tuple[str, str]) -> bytes:
    """The text from which taking our side of every conflict gives `ours`, theirs `theirs`, byte for byte.

    Both must end with a line feed, as rendered files do; ValueError otherwise. No line of a rendered file can be taken
    for a marker: keys never begin with one, and the lines of a long text are indented.

    labels  what stands behind `<<<<<<<` and `>>>>>>>`
    """
    mine, other = _lines(ours), _lines(theirs)
    pieces: list[bytes] = []
    for kind, start, end, begin, stop in SequenceMatcher(None, mine, other).get_opcodes():
        if kind == "equal":
            pieces += mine[start:end]
        else:
            pieces += (_marker("<", labels[0]), *mine[start:end], b"=======\n")
            pieces += (*other[begin:stop], _marker(">", labels[1]))
    return b"".join(pieces)


def _lines(text: bytes) -> list[bytes]:
    *lines, rest = text.split(b"\n")
    if rest:
        raise ValueError("the last line has no end")
    return [line + b"\n" for line in lines]


def _marker(sign: str, label: str) -> bytes:
    return f"{sign * 7} {label}\n".encode()
