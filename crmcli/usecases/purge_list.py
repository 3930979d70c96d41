"""The register of destruction (R61): every certificate of the vault. Changes nothing."""

from dataclasses import dataclass

from crmcli.errors import Finding
from crmcli.model.certificate import Certificate
from crmcli.usecases.certificates import certificates
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Register:
    """The certificates, newest last, and what is wrong with those that do not hold."""

    certificates: tuple[Certificate, ...]
    damaged: tuple[Finding, ...]


def register(work: Workplace) -> Register:
    """Everything that was destroyed in the vault."""
    return Register(*certificates(work))
