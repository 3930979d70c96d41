"""The certificate of one customer's destruction (R50), `records/purged/…/NUMBER.yaml`. Its presence blocks the number.

It holds no personal data of the customer and no hash of any. Pure: no I/O, no clock.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.devices import DeviceId, Digest
from crmcli.model.plan import Blob, each_once, plan_named, plan_path
from crmcli.model.scalars import CustomerNumber, Date, Key, Line, Moment, Uid
from crmcli.text import _

FOLDER = "records/purged"
FORMAT = "1"


class RetiredDevice(Part):
    """A device that was taken out of the team before it acknowledged the destruction; by whom, and when."""

    device: DeviceId
    by: Line
    at: Moment


class Certificate(Part):
    """What was destroyed, when, how, why, at whose request, with whose approval, and what was out of reach.

    left_on        the day the cooperation ended or churn was confirmed; none at the customer's own request
    method         the file deleted; in a sealed vault the key to every version of it destroyed as well
    rule, clause   the rule of the retention policy and the house's clause behind it; or `request`
    destroyed_by   who carried the plan out
    plan, plan_file  the plan and git's hash of it as it was approved
    history        whether earlier versions were made unreadable: in an open vault git's history keeps them, and in a
                   sealed one those that were once committed in clear
    salts          the digest of each salt destroyed (FORMAT.md, section 5)
    copies         what may still hold the values and was out of reach: exports and key kits, by their commits
    readable       what earlier versions still say by design; none in an open vault, where they say everything
    retired        the devices that nobody waits for any more; all that is ever added to a certificate
    """

    format: Literal["1"]
    number: CustomerNumber
    uid: Uid
    kind: Literal["customer-file"]
    left_on: Date | None = None
    destroyed_at: Moment
    method: Literal["file-deleted", "key-destroyed"]
    rule: Key
    clause: Line
    requested_by: Line
    approved_by: Line
    destroyed_by: Line
    plan: Line
    plan_file: Blob
    history: Literal["not reached", "unreadable", "clear-text"]
    salts: Annotated[list[Digest], Field(default_factory=list)]
    copies: Annotated[list[Line], Field(default_factory=list)]
    readable: Literal["open-fields"] | None = None
    retired: Annotated[list[RetiredDevice], Field(default_factory=list)]

    @field_validator("retired")
    @classmethod
    def _each_once(cls, retired: list[RetiredDevice]) -> list[RetiredDevice]:
        each_once([one.device for one in retired], "device")
        return retired

    @model_validator(mode="after")
    def _plan_is_one(self) -> "Certificate":
        named = plan_named(self.plan)
        if named is None or plan_path(*named) != self.plan:
            raise ValueProblem(_("This is not the path of a plan."), "records/plans/2026-11-22.yaml", place=("plan",))
        return self
