"""Where a use case works: one vault with its house rules, one moment, one sealer. Opened once a command, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from crmcli.errors import Conflict, Failure
from crmcli.model.catalog import CatalogField
from crmcli.model.derive import catalog
from crmcli.model.house import House
from crmcli.model.metrics import METRICS
from crmcli.sealing.sealer import Sealer, sealer_for
from crmcli.store import vault as vaults
from crmcli.store.transaction import Stamp, needs_recovery, recover
from crmcli.store.vault import Vault
from crmcli.usecases.house_rules import load


@dataclass(frozen=True)
class Workplace:
    """A vault opened for one command. `mended` says what an interrupted command had left, None for nothing."""

    vault: Vault
    house: House
    sealer: Sealer
    now: datetime
    turned: bool
    mended: str | None = None

    @cached_property
    def fields(self) -> dict[str, CatalogField]:
        """The catalogue by dotted name, metrics left out."""
        return {found.name: found for found in catalog(self.house.custom)}

    @cached_property
    def queryable(self) -> tuple[CatalogField, ...]:
        """Everything a query may name: the catalogue and the metrics."""
        return (*self.fields.values(), *METRICS)

    @property
    def today(self) -> date:
        """The day it is in the vault's time zone."""
        return self.now.astimezone(self.house.zone).date()

    @property
    def stamp(self) -> Stamp:
        """The moment that a commit carries."""
        return Stamp(self.now, self.turned)

    @property
    def root(self) -> Path:
        """The vault's folder."""
        return self.vault.root


def open_workplace(
    start: Path,
    env: Mapping[str, str],
    now: datetime,
    *,
    turned: bool,
    exact: bool = False,
    patience: float | None = None,
) -> Workplace:
    """The vault at `start`, or the nearest one upwards; NotFound where there is none, Invalid where its rules don't hold."""
    vault = vaults.at(start, env) if exact else vaults.find(start, env)
    vault = vault if patience is None else replace(vault, patience=patience)
    mended = _mended(vault)
    house = load(vault)
    return Workplace(
        vault, house, sealer_for(sealing=house.settings.sealing), now.astimezone(house.zone), turned, mended
    )


def _mended(vault: Vault) -> str | None:
    """End what a killed command left, so that nobody reads a change that was never made. A living one is let be."""
    if not needs_recovery(vault):
        return None
    try:
        return recover(replace(vault, patience=0.0))
    except (Conflict, Failure, OSError):
        return None
