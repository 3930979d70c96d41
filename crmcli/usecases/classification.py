"""The schemes of `schemas/classification.yaml`, ready to run. A rule that doesn't hold is refused with file and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from crmcli.errors import CrmError, Finding, Invalid, Where, dotted, invalid
from crmcli.index.query import Compiled
from crmcli.model.classification import TIER, Classification, Scheme
from crmcli.model.findings import Lines, line_of
from crmcli.model.nearest import nearest
from crmcli.text import _
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.rule_queries import compile_rule, named_fields
from crmcli.usecases.workplace import Workplace

FILE = "schemas/classification.yaml"
WRITTEN = frozenset({"tier", "tier_history", "classes", "class_history"})  # keys of a customer file
REFUSED = Compiled("0", ())


@dataclass(frozen=True)
class Ready:
    """A scheme whose queries can be run; `lines` are those of the whole file."""

    name: str
    about: Scheme
    among: Compiled
    classes: Mapping[str, Compiled]
    lines: Lines

    @property
    def tiers(self) -> bool:
        """Whether its classes are the tiers."""
        return self.about.writes == TIER

    @property
    def fields(self) -> tuple[str, ...]:
        """What its classes look at."""
        return tuple(dict.fromkeys(name for compiled in self.classes.values() for name in compiled.fields))

    def where(self, *place: str) -> Where:
        """A place below the scheme in the rule file."""
        return _where(self.lines, "schemes", self.name, *place)

    def label(self, work: Workplace, name: str, language: str) -> str:
        """What a class is called; the name itself for one that the rules no longer have."""
        found = self.about.classes.get(name)
        own = getattr(found, language) if found else None
        return own or (work.house.label(TIER, name, language) if self.tiers else name)


def schemes_of(work: Workplace, only: str | None = None) -> tuple[Ready, ...]:
    """The schemes in the order of the file, or the one asked for; Invalid naming every finding in any of them."""
    rules, lines = read_rules(work.vault, FILE, Classification)
    wrong: list[Finding] = []
    ready = [_ready(work, name, scheme, lines, wrong) for name, scheme in rules.schemes.items()]
    if wrong:
        raise invalid(wrong if len(wrong) == 1 else [replace(one, hint=_one_line(one.hint)) for one in wrong])
    if only is not None and only not in rules.schemes:
        known = nearest(only, rules.schemes) or ", ".join(rules.schemes)
        raise Invalid(_("There is no scheme {name}.").format(name=only), where=Where(FILE, None, "schemes"), hint=known)
    return tuple(one for one in ready if only in (None, one.name))


def _ready(work: Workplace, name: str, scheme: Scheme, lines: Lines, wrong: list[Finding]) -> Ready:
    """The scheme with its queries compiled; what doesn't hold is added to `wrong`."""
    if scheme.writes == TIER:
        wrong.extend(_no_tiers(work, name, scheme, lines))
    among = _compiled(work, scheme.among, _where(lines, "schemes", name, "among"), wrong)
    classes = {
        key: _compiled(work, one.query, _where(lines, "schemes", name, "classes", key, "query"), wrong)
        for key, one in scheme.classes.items()
    }
    return Ready(name, scheme, among, classes, lines)


def _compiled(work: Workplace, query: str, where: Where, wrong: list[Finding]) -> Compiled:
    try:
        compiled = compile_rule(work, query, where)
    except CrmError as error:
        wrong.extend(error.findings)
        return REFUSED
    wrong.extend(_circular(work, compiled, where))
    return compiled


def _circular(work: Workplace, compiled: Compiled, where: Where) -> Iterator[Finding]:
    """A rule that looked at what it writes would say something else the next time."""
    for name, field in named_fields(work, compiled).items():
        if field.key[:1] and field.key[0] in WRITTEN:
            said = _("A class cannot depend on {field}, which classifying writes.").format(field=name)
            yield Finding(said, where, None, _("Name what it follows from, for example spend or orders."))


def _no_tiers(work: Workplace, name: str, scheme: Scheme, lines: Lines) -> Iterator[Finding]:
    known = work.house.lists[TIER]
    for key in (key for key in scheme.classes if key not in known):
        said = _("{value} is not a tier of the house.").format(value=key)
        hint = nearest(key, known) or _("Add it to the list {list} in schemas/codes.yaml.").format(list=TIER)
        yield Finding(said, _where(lines, "schemes", name, "classes", key), ", ".join(known), hint)


def _where(lines: Lines, *place: str) -> Where:
    return Where(FILE, line_of(place, lines), dotted(place))


def _one_line(hint: str | None) -> str | None:
    """Without the drawing of the place: among several findings each has one line."""
    return None if hint is None or "\n" in hint else hint
