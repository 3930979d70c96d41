"""Where a use case works: one vault with its house rules, one moment, one keyring. Opened once a command, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from crmcli.errors import Conflict, Failure, Finding
from crmcli.model.catalog import CatalogField
from crmcli.model.certificate import FOLDER as CERTIFICATES
from crmcli.model.derive import catalog
from crmcli.model.fields import Level
from crmcli.model.house import House
from crmcli.model.metrics import metrics_over
from crmcli.model.team import with_levels
from crmcli.sealing.leaves import Levels
from crmcli.sealing.sealer import OpenSealer, Sealer
from crmcli.sealing.vault_sealer import VaultSealer
from crmcli.store import vault as vaults
from crmcli.store.history import paths_in
from crmcli.store.homes import Homes
from crmcli.store.transaction import Stamp, needs_recovery, recover
from crmcli.store.vault import Vault
from crmcli.usecases.custom_levels import NOTHING_HELD, CustomLevels, custom_levels
from crmcli.usecases.house_rules import load
from crmcli.usecases.keyring import Keyring, open_keyring, signing
from crmcli.usecases.trust import as_written


@dataclass(frozen=True)
class Workplace:
    """A vault opened for one command. `mended` says what an interrupted command had left, None for nothing.

    keyring  the keys of whoever works; None in an open vault
    custom   what custom fields are held to in a sealed vault
    asides   what the work itself brings to light and is said beside its result
    """

    vault: Vault
    house: House
    now: datetime
    turned: bool
    mended: str | None = None
    keyring: Keyring | None = None
    custom: CustomLevels = NOTHING_HELD
    asides: list[Finding] = field(default_factory=list, compare=False)

    def tell(self, finding: Finding) -> None:
        """Have something said beside the result, once."""
        if finding not in self.asides:
            self.asides.append(finding)

    @property
    def sealed(self) -> bool:
        """Whether personal values are sealed."""
        return self.keyring is not None

    @property
    def reads(self) -> Level:
        """The highest level whoever works may read."""
        return self.keyring.reads if self.keyring else Level.RESTRICTED

    @cached_property
    def sealer(self) -> Sealer:
        """What seals and opens customers' values here."""
        if self.keyring is None:
            return OpenSealer()
        return VaultSealer(self.keyring, self.levels)

    @cached_property
    def levels(self) -> Levels:
        """The level that each field is sealed at, and the one that what stands there already must have."""
        declared = {field.key: field.level for field in self.fields.values()}
        if self.custom.warning is None:
            return Levels(declared)
        custom = [field for name, field in self._declared.items() if name in self.custom.least]
        lower = {field.key: min(field.level, Level.INTERNAL, key=lambda level: level.rank) for field in custom}
        return Levels(declared, standing={**declared, **lower})

    @cached_property
    def fields(self) -> dict[str, CatalogField]:
        """The catalogue by dotted name with the levels in force, metrics left out."""
        return with_levels(self._declared, self.custom.least)

    @cached_property
    def _declared(self) -> dict[str, CatalogField]:
        """The same with the levels that custom fields have in the work tree."""
        found = {field.name: field for field in catalog(self.house.custom)}
        return with_levels(found, self.keyring.access.levels) if self.keyring else found

    @cached_property
    def queryable(self) -> tuple[CatalogField, ...]:
        """Everything a query may name: the catalogue and the metrics."""
        return (*self.fields.values(), *metrics_over(self.fields))

    @cached_property
    def certified_open(self) -> frozenset[str]:
        """The certificates from before the vault was sealed: each ended a customer without a key."""
        root = self.keyring.trusted.root if self.keyring else ""
        return frozenset(paths_in(self.vault, root, CERTIFICATES)) if root else frozenset()

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
    homes: Homes | None = None,
) -> Workplace:
    """The vault at `start`, or the nearest one upwards; NotFound where there is none, Invalid where its rules don't hold.
    Damaged where a sealed vault is not to be trusted."""
    vault = vaults.at(start, env) if exact else vaults.find(start, env)
    vault = vault if patience is None else replace(vault, patience=patience)
    mended = _mended(vault)
    house = load(vault)
    keyring = open_keyring(vault, homes, sealed=house.settings.sealing)
    if keyring and homes:
        vault = replace(as_written(vault), signing=signing(homes))
    declared = {name: one.level for name, one in house.custom.items()}
    custom = custom_levels(vault, keyring, declared) if keyring else NOTHING_HELD
    return Workplace(vault, house, now.astimezone(house.zone), turned, mended, keyring, custom)


def _mended(vault: Vault) -> str | None:
    """End what a killed command left, so that nobody reads a change that was never made. A living one is let be."""
    if not needs_recovery(vault):
        return None
    try:
        return recover(replace(vault, patience=0.0))
    except (Conflict, Failure, OSError):
        return None
