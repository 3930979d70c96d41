"""The rule files that are read only when a command needs them, each with how it is read and checked."""

from collections.abc import Callable, Mapping

from crmcli.model import reminders, retention, team
from crmcli.usecases import classification, today
from crmcli.usecases.purge_papers import policy_of, team_of
from crmcli.usecases.workplace import Workplace

LATE: Mapping[str, Callable[[Workplace], object]] = {
    classification.FILE: classification.schemes_of,
    retention.PATH: policy_of,
    team.PATH: team_of,
    reminders.PATH: today.reminders_of,
}
