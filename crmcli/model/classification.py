"""`schemas/classification.yaml` as values: schemes, each with ordered classes that are queries (R41, R42, R44). No I/O.

Whether a query can be read, names only what everyone may read and gives codes the house knows is checked where the
rules are loaded; whether classes exclude each other and cover everyone shows where they are applied.
"""

from typing import Literal

from pydantic import model_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.scalars import Key, Line
from crmcli.text import _

Review = Literal["monthly", "quarterly", "half-yearly", "yearly"]
TIER = "tier"
EVERYONE = "*"


class Words(Part):
    """A text in both languages."""

    zh: Line
    en: Line


class CustomerClass(Part):
    """One class: who is in it, what it is called, what its customers are entitled to."""

    query: Line
    zh: Line | None = None
    en: Line | None = None
    benefits: Words | None = None


class Scheme(Part):
    """One way to divide the customers.

    writes   "tier": the class is the customer's tier; otherwise it stands in the table `classes` under the scheme's name
    among    query: who is divided; everyone without it, archived customers never
    review   how often the house looks at it again
    classes  in the order of their rank; the labels of tiers come from the list `tier` of the codes where absent
    """

    zh: Line
    en: Line
    writes: Literal["tier"] | None = None
    among: Line = EVERYONE
    review: Review | None = None
    classes: dict[Key, CustomerClass]

    @model_validator(mode="after")
    def _says_something(self) -> "Scheme":
        if not self.classes:
            raise ValueProblem(_("A scheme needs at least one class."), place=("classes",))
        for name, one in self.classes.items():
            if self.writes != TIER and not (one.zh and one.en):
                raise ValueProblem(
                    _("The class {name} has no labels.").format(name=name), "zh, en", place=("classes", name)
                )
        return self


class Classification(Part):
    """All schemes of a house; at least one."""

    schemes: dict[Key, Scheme]

    @model_validator(mode="after")
    def _one_writer(self) -> "Classification":
        if not self.schemes:
            raise ValueProblem(_("There is no scheme."), place=("schemes",))
        writers = [name for name, scheme in self.schemes.items() if scheme.writes]
        if len(writers) > 1:
            said = _("Only one scheme may write the tier; {name} does already.").format(name=writers[0])
            raise ValueProblem(said, place=("schemes", writers[1], "writes"))
        return self
