"""What a whole process would drown, measured inside of one: `python inside.py fields` prints the microseconds that one
value takes to be sealed and opened; `python inside.py updates NUMBER COUNT` makes so many updates in the vault it stands in.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from crmcli.cli.boundary import main as crm
from crmcli.model.fields import Level
from crmcli.model.sealed import token_of
from crmcli.sealing.cipher import Place, data_key, new_salt, open_token, salt_id, seal
from crmcli.sealing.masters import new_master

UID, VAULT = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "7PDR1TVW3BNC5GHJ4Z8K2M9QXA"
PLACE, LEVEL, TEXT = (
    Place(UID, "interactions.I7K2M9QXA.summary"),
    Level.INTERNAL,
    "来电询问新品到货时间，约好下周再联系。",
)
TIMES, ROUNDS = 500, 9


def fields() -> dict[str, float]:
    """Microseconds a value: its key derived once a customer, sealed, and opened from the text in the file."""
    master, salt = new_master(), new_salt()
    key, name = data_key(master, salt, VAULT, UID, LEVEL), salt_id(salt)
    token = seal(key, PLACE, LEVEL, 1, name, TEXT)
    return {
        "key": _microseconds(lambda: data_key(master, salt, VAULT, UID, LEVEL)),
        "seal": _microseconds(lambda: seal(key, PLACE, LEVEL, 1, name, TEXT)),
        "open": _microseconds(lambda: open_token(key, PLACE, token_of(token))),
    }


def _microseconds(work: Callable[[], object]) -> float:
    return median(_round(work) for _turn in range(ROUNDS))


def _round(work: Callable[[], object]) -> float:
    begun = perf_counter()
    for _turn in range(TIMES):
        work()
    return (perf_counter() - begun) / TIMES * 1e6


def updates(number: str, count: int) -> int:
    """Every other update changes a sealed value, the others an open one; the first exit code that is not 0."""
    for turn in range(count):
        edit = f"owner=grown.{turn}" if turn % 2 else f"remarks={TEXT}{turn}"
        code = crm(["--quiet", "update", number, "--set", edit])
        if code:
            return code
    return 0


def each(*numbers: str) -> int:
    """One update of an open field for each of these customers; the first exit code that is not 0."""
    return next((code for number in numbers if (code := crm(["--quiet", "update", number, "--set", "owner=met"]))), 0)


if __name__ == "__main__":
    if sys.argv[1] == "each":
        sys.exit(each(*sys.argv[2:]))
    if sys.argv[1] == "updates":
        sys.exit(updates(sys.argv[2], int(sys.argv[3])))
    print(json.dumps(fields()))
