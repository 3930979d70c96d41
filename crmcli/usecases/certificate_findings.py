"""What is wrong with certificates that a commit touched: one that is not authorised, and any that did not stay as it was.

One that is not authorised is no error any more once it was taken back, which takes an admin, or a merge with what an
admin did. Reads nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from crmcli.model.certificate import FOLDER
from crmcli.store.touches import Touch
from crmcli.text import _
from crmcli.usecases.erasure import DESTROYERS, Doubts
from crmcli.usecases.trust_judged import Judged

UNAUTHORISED = "unauthorised"  # told apart from other findings on certificates by what is to be done about it
Found = tuple[str, str, Literal["error", "warning"]]


def certificate_findings(
    name: str,
    judged: Judged,
    touched: Mapping[str, Touch],
    changed: Collection[str],
    doubts: Doubts | None,
    parents: int,
) -> Iterator[Found]:
    """Kind, words and severity of each. `changed`: those that had to stay as they were; `doubts`: what is wrong with them,
    None where that can't be told."""
    doubts = doubts or Doubts({})
    for path, touch in touched.items():
        place = (name, path)
        if not path.startswith(f"{FOLDER}/") or _is_taken_back(judged, touch, parents, place in doubts.taken_back):
            continue
        if touch.gone:
            yield "certificate", _("The certificate {path} was deleted.").format(path=path), "error"
        elif path in changed:
            yield "certificate", _("The certificate {path} was changed.").format(path=path), "error"
        elif touch.added >= max(parents, 1) and (place in doubts.why or not judged.may(*DESTROYERS)):
            stands = place not in doubts.why or path in doubts.standing
            yield UNAUTHORISED, _unauthorised(judged, path, doubts.why.get(place)), "error" if stands else "warning"


def _is_taken_back(judged: Judged, touch: Touch, parents: int, may_be: bool) -> bool:
    return may_be and touch.gone > 0 and (touch.gone < parents or judged.may("admin"))


def _unauthorised(judged: Judged, path: str, why: str | None) -> str:
    if not judged.may(*DESTROYERS):
        return _("The certificate {path} was issued by somebody who may not destroy files.").format(path=path)
    return _("The certificate {path} is not authorised. {why}").format(path=path, why=why)
