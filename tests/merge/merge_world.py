"""Customer trees for merges: one for each field of the model, and generated ones with what people do to them."""

from copy import deepcopy
from functools import cache
from hashlib import sha512

from hypothesis import strategies as st

from crmcli.model.custom import CustomField
from crmcli.model.derive import catalog, shape_of
from crmcli.model.dossier import Dossier
from crmcli.model.fields import Level
from crmcli.model.sealed import Token

UID = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ"
CUSTOM = {"member_card": CustomField(type="line", zh="会员卡", en="Member card", choices={})}
FIELDS = {found.name: found for found in catalog(CUSTOM)}
SHAPES = {name: shape_of(info) for name, info in Dossier.model_fields.items()}
LISTS = {name: shape[1] for name, shape in SHAPES.items() if isinstance(shape, tuple) and shape[0] == "entries"}


@cache
def token(value, generation=1, level=Level.CONFIDENTIAL):
    """A well-formed token that stands for a value; another generation or level makes another token."""
    body = sha512(f"{value} {generation} {level}".encode()).digest()[:48]
    return str(Token(level, generation, "7K2M9QXA", body))


def entry_id(kind, number=1):
    """The id of an entry of that kind."""
    return f"{kind.letter}{number:08d}"


@cache
def _parts(part):
    """The keys of a part in the model's order, each with the part it holds, if any."""
    shapes = {name: shape_of(info) for name, info in part.model_fields.items()}
    held = {name: shape[1] for name, shape in shapes.items() if isinstance(shape, tuple)}
    return {name: held[name] if hasattr(held.get(name), "model_fields") else None for name in shapes}


def canonical(node, part=Dossier):
    """The node with the keys of the model's parts in the model's order."""
    if isinstance(node, list):
        return [canonical(item, part) for item in node]
    if part is None or isinstance(node, str):
        return node
    return {name: canonical(node[name], inner) for name, inner in _parts(part).items() if name in node}


def customer(**more):
    """A customer with no more than what every customer has, and `more`, in canonical order."""
    return canonical({"id": "C20240510001", "uid": UID, "kind": "individual", "status": "lead", **deepcopy(more)})


def with_value(field, value):
    """A customer with that value (None for none) in a field of the catalogue."""
    way = (*field.key, "shop") if field.table else field.key
    tree = customer()
    if field.noun or field.key[0] in LISTS:
        item = {"id": entry_id(LISTS[way[0]])} | ({way[1]: value} if value is not None else {})
        return customer(**{way[0]: [item]})
    if len(way) > 1:
        return customer(**({way[0]: {way[1]: value}} if value is not None else {}))
    tree = {key: text for key, text in tree.items() if key != way[0]}
    return canonical(tree | ({way[0]: value} if value is not None else {}))


def place_of(field):
    """Where a clash of that field in `with_value` is."""
    if field.key[0] in LISTS:
        return (field.key[0], entry_id(LISTS[field.key[0]]), *field.key[1:])
    return (*field.key, "shop") if field.table else field.key


def leaves(node, place=()):
    """Every text of a tree by its place; entries by id, texts in lists by themselves."""
    if isinstance(node, str):
        return {place: node}
    pairs = (
        node.items()
        if isinstance(node, dict)
        else [(item if isinstance(item, str) else item["id"], item) for item in node]
    )
    return {way: text for key, item in pairs for way, text in leaves(item, (*place, key)).items()}


SCALARS = [
    found
    for found in FIELDS.values()
    if found.key[0] not in LISTS and not found.many and found.key not in (("uid",), ("id",))
]
# Chosen more often than others, so that both sides meet there.
BUSY = [FIELDS[name] for name in ("tier", "phone", "status", "collection.basis", "collection.purpose")]
BUSY_LISTS = ["interactions", "status_history", "contacts"]
some_list = st.sampled_from(BUSY_LISTS) | st.sampled_from([*LISTS])
VALUES = ("a", "b", "c", token("a"), token("b"), token("a", 2))
values = st.sampled_from(VALUES)
names = st.sampled_from(["a", "b", "c", "d", "e"])
numbers = st.integers(1, 6)
days = st.sampled_from(["2024-05-10", "2024-05-11", "2024-05-12"])


def _entry(kind, number, day, value):
    """An entry of any kind; the same number is the same id."""
    own = [name for name in kind.model_fields if name not in ("id", "at", "date")]
    when = (
        {"date": day}
        if "date" in kind.model_fields
        else {"at": f"{day}T09:30+08:00"}
        if "at" in kind.model_fields
        else {}
    )
    return canonical({"id": entry_id(kind, number), **when, own[0]: value, own[-1]: "same"}, kind)


def _put(tree, field, value):
    *way, last = field.key
    node = tree
    for key in way:
        node = node.setdefault(key, {})
    node[last] = value
    if value is None:
        del node[last]
    for key in way:
        if not tree[key]:
            del tree[key]


def _row(tree, table, key, value):
    rows = {name: text for name, text in tree.get(table, {}).items() if name != key}
    tree[table] = rows | ({key: value} if value else {})


def _list(tree, name, items):
    tree[name] = items


def _set(draw, tree):
    _put(tree, draw(st.sampled_from(BUSY) | st.sampled_from(SCALARS)), draw(st.none() | values))


def _set_row(draw, tree):
    _row(tree, draw(st.sampled_from(["external", "classes", "custom"])), draw(names), draw(st.none() | values))


def _tag(draw, tree):
    tags, tag = list(tree.get("tags", ())), draw(names)
    tags.remove(tag) if tag in tags else tags.insert(draw(st.integers(0, len(tags))), tag)
    _list(tree, "tags", tags)


def _add(draw, tree):
    name, number = draw(some_list), draw(numbers)
    items = list(tree.get(name, ()))
    if entry_id(LISTS[name], number) not in [item["id"] for item in items]:
        at = draw(st.sampled_from([len(items), len(items), 0]))
        items.insert(at, _entry(LISTS[name], number, draw(days), draw(values)))
    _list(tree, name, items)


def _chosen(draw, tree):
    filled = [name for name in LISTS if tree.get(name)]
    name = draw(st.sampled_from(filled)) if filled else None
    return (name, list(tree[name]), draw(st.integers(0, len(tree[name]) - 1))) if name else (None, [], 0)


def _change(draw, tree):
    name, items, at = _chosen(draw, tree)
    if name:
        field = draw(st.sampled_from([key for key in LISTS[name].model_fields if key != "id"]))
        items[at] = canonical({**items[at], field: draw(values)}, LISTS[name])
        _list(tree, name, items)


def _delete(draw, tree):
    name, items, at = _chosen(draw, tree)
    if name:
        del items[at]
        _list(tree, name, items)


def _move(draw, tree):
    name, items, at = _chosen(draw, tree)
    if name:
        items.insert(draw(st.integers(0, len(items) - 1)), items.pop(at))
        _list(tree, name, items)


def _step(draw, tree):
    """A move of status or tier, entered in its history."""
    name = draw(st.sampled_from(["status", "tier"]))
    tree[name] = draw(st.sampled_from(["active", "ended"]))
    kind, items = LISTS[f"{name}_history"], tree.get(f"{name}_history", [])
    number = draw(numbers)
    if entry_id(kind, number) not in [item["id"] for item in items]:
        _list(tree, f"{name}_history", [*items, _entry(kind, number, draw(days), tree[name])])


ACTS = (_set, _set, _set_row, _tag, _add, _add, _add, _change, _change, _delete, _move, _step)


@st.composite
def changed(draw, tree, least, most):
    """The tree after some of what people do to it, in canonical form."""
    tree = deepcopy(tree)
    for act in draw(st.lists(st.sampled_from(ACTS), min_size=least, max_size=most)):
        act(draw, tree)
    return canonical({key: node for key, node in tree.items() if node})


@st.composite
def threes(draw):
    """An ancestor (None now and then) and two versions of it."""
    base = draw(changed(customer(), 4, 12))
    ours, theirs = draw(changed(base, 3, 7)), draw(changed(base, 3, 7))
    return draw(st.sampled_from([base, base, base, None])), ours, theirs
