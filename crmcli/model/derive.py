"""The catalogue of fields, derived from the dossier's declarations and a vault's custom fields."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from crmcli.model.base import Entry, Part
from crmcli.model.catalog import CatalogField
from crmcli.model.custom import CustomField
from crmcli.model.dossier import Dossier
from crmcli.model.fields import Level, Mask, Spec, spec_of
from crmcli.model.scalars import Scalar

MASKED: Mapping[str, Mask] = {"phone": "phone", "email": "email"}


def catalog(custom: Mapping[str, CustomField] | None = None) -> tuple[CatalogField, ...]:
    """Every field of a customer file in canonical order, a vault's custom fields included."""
    return _of_model() + tuple(_custom(custom or {}))


@cache
def _of_model() -> tuple[CatalogField, ...]:
    return tuple(_walk(Dossier))


def _walk(part: type[Part]) -> Iterator[CatalogField]:
    for name, info in part.model_fields.items():
        spec, shape = spec_of(info), shape_of(info)
        said = spec.noun or spec.name or name
        if isinstance(shape, Scalar):
            yield _field(said, shape, spec, (name,))
        elif shape[0] in ("part", "entries"):
            noun = said if shape[0] == "entries" else None
            yield from (_within(inner, said, name, noun, spec) for inner in _walk(shape[1]))
        elif name != "custom":
            yield _field(said, shape[1], spec, (name,), many=True, table=shape[0] == "table")


def _within(inner: CatalogField, said: str, key: str, noun: str | None, group: Spec) -> CatalogField:
    """A field of a group or an entry, as the whole file names it."""
    return replace(
        inner,
        name=f"{said}.{inner.name}",
        key=(key, *inner.key),
        noun=noun,
        assigned=inner.assigned or group.assigned,
        only=inner.only or group.only,
        group_zh=group.zh,
        group_en=group.en,
    )


def _field(
    said: str, scalar: Scalar, spec: Spec, key: tuple[str, ...], *, many: bool = False, table: bool = False
) -> CatalogField:
    return CatalogField(
        name=said,
        type=scalar.type,
        level=spec.level,
        zh=spec.zh,
        en=spec.en,
        key=key,
        many=many,
        table=table,
        codes=scalar.codes,
        assigned=spec.assigned,
        example=spec.example,
        headings=spec.headings,
        only=spec.only,
        mask=spec.mask or MASKED.get(scalar.type),
    )


def _custom(custom: Mapping[str, CustomField]) -> Iterator[CatalogField]:
    group = spec_of(Dossier.model_fields["custom"])
    for name, declared in custom.items():
        scalar = declared.scalar(name)
        spec = Spec(declared.zh, declared.en, Level(declared.level), only=declared.only, mask=declared.mask)
        yield _within(_field(name, scalar, spec, (name,)), "custom", "custom", None, group)


def scalars(custom: Mapping[str, CustomField] | None = None) -> dict[str, Scalar]:
    """How the values of each field are read and written, by dotted name."""
    own = {f"custom.{name}": declared.scalar(name) for name, declared in (custom or {}).items()}
    return {**dict(_scalars(Dossier, "")), **own}


def _scalars(part: type[Part], prefix: str) -> Iterator[tuple[str, Scalar]]:
    for name, info in part.model_fields.items():
        spec, shape = spec_of(info), shape_of(info)
        if isinstance(shape, Scalar):
            yield prefix + (spec.name or name), shape
        elif shape[0] in ("part", "entries"):
            yield from _scalars(shape[1], f"{prefix}{spec.noun or name}.")
        elif isinstance(shape[1], Scalar):
            yield prefix + (spec.name or name), shape[1]


def shape_of(info: FieldInfo) -> Any:
    """What a field holds: a `Scalar`, or ("part", class), ("entries", class), ("list", Scalar), ("table", Scalar)."""
    own = [item for item in info.metadata if isinstance(item, Scalar)]
    return own[0] if own else _shape(info.annotation)


def _shape(annotation: Any) -> Any:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        found = [item for item in args[1:] if isinstance(item, Scalar)]
        return found[0] if found else _shape(args[0])
    if origin in (Union, UnionType):
        return _shape(next(arg for arg in args if arg is not NoneType))
    if origin is list:
        inner = args[0]
        return ("entries", inner) if isinstance(inner, type) and issubclass(inner, Entry) else ("list", _shape(inner))
    if origin is dict:
        return ("table", _shape(args[1]))
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return ("part", annotation)
    return ("plain", annotation)
