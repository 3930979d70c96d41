"""An admin and a manager whose clones have met, and a customer who may be destroyed."""

import json
from pathlib import Path
from typing import Any

import pytest
from meetings import CUSTOMER, copied_pair
from people import Person, met_at, synced

ONE, TWO = "C20240510001", "C20240510002"
FILE = f"records/2024/05/{ONE}.yaml"


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person, Person]:
    """An admin and a manager whose clones have met, with two customers; what one asked to destroy, the other approved."""
    world = tmp_path_factory.mktemp("met") / "world"
    zhao, li = met_at(world, CUSTOMER, "manager", "legal")
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    synced(zhao, li)
    li.done("purge", "approve", next((li.folder / "records/plans").iterdir()).stem)
    synced(li, zhao)
    return world, zhao, li


pair = copied_pair()


def data(person: Person, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(person.done(*words, "--format", "json"))["data"]
    return found


def device(person: Person) -> str:
    return str(json.loads(person.done("keys", "--format", "json"))["data"]["device"])


def register(person: Person) -> dict[str, Any]:
    (row,) = data(person, "purge", "list")
    return row


def destroyed(zhao: Person) -> None:
    zhao.done("purge", "run", "--yes")
