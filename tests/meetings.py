"""The fixtures of a test module whose people have met at a remote: made once a module, each test begins with a copy."""

from pathlib import Path
from typing import Any

import pytest
from people import Person, begun_with, met_at

CUSTOMER = """\
kind: individual
name: 王样例
phone: "+86138123400{n:02d}"
region: 北京市/朝阳区
source: store
owner: li.na
status: active
"""


def meeting(*roles: str, customer: str = CUSTOMER) -> Any:
    """A fixture `met`: the world, an admin, and somebody with these roles, whose clones have met."""

    @pytest.fixture(scope="module")
    def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person, Person]:
        world = tmp_path_factory.mktemp("met") / "world"
        return (world, *met_at(world, customer, *roles))

    return met


def copied_pair() -> Any:
    """A fixture `pair`: the two of the module's `met`, in a copy of their world."""

    @pytest.fixture
    def pair(met: tuple[Path, Person, Person], tmp_path: Path) -> tuple[Person, Person]:
        state, *people = met
        one, other = begun_with(state, tmp_path / "world", *people)
        return one, other

    return pair
