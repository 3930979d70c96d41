"""The fields of a customer file as a flat list: one row a field, derived from the model (and a vault's custom fields).

Everything that offers fields reads this list: command options, import headings, `search --fields`, index columns,
form labels. Nothing here reads files.
"""

from dataclasses import dataclass
from typing import Literal

from crmcli.model.fields import CustomerKind, Level, Mask

FieldType = Literal["text", "code", "date", "moment", "amount", "integer", "phone", "email", "region", "id", "flag"]


@dataclass(frozen=True, slots=True)
class CatalogField:
    """One field as people name it.

    name      dotted name in queries, `--set` and headings: "phone", "bank.account", "interaction.channel", "external.shop"
    type      how values are written and compared
    level     who may read it
    zh, en    labels
    key       the way to it in the plain tree; for an entry's field the list first: ("interactions", "channel")
    noun      the entry's noun ("interaction") or None for a field of the profile
    many      a list of scalars (tags) or a table of scalars ("external": {shop: "4"}), any of which may match
    table     True for tables of scalars; a query may name one row ("external.shop")
    codes     the code list its values come from, for type "code"
    group_zh, group_en  labels of the group or list the field belongs to
    metric    computed (spend, orders, …); not in the file
    mask      how much of it shows in a sealed vault unless it is revealed; None for all
    """

    name: str
    type: FieldType
    level: Level
    zh: str
    en: str
    key: tuple[str, ...]
    noun: str | None = None
    many: bool = False
    table: bool = False
    codes: str | None = None
    metric: bool = False
    assigned: bool = False
    example: str = ""
    headings: tuple[str, ...] = ()
    only: CustomerKind | None = None
    group_zh: str = ""
    group_en: str = ""
    mask: Mask | None = None
