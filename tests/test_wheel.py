"""What is installed is whole: house rules, schemas, samples and the Chinese catalog travel in the wheel."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(built)


@pytest.mark.parametrize("folder", ["records", "schemas"])
def test_samples_and_house_rules_ship_as_they_stand(wheel: zipfile.ZipFile, folder: str) -> None:
    files = [path for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    assert files
    for path in files:
        assert wheel.read(f"crmcli/samples/{path.relative_to(ROOT).as_posix()}") == path.read_bytes()


def test_the_chinese_catalog_ships(wheel: zipfile.ZipFile) -> None:
    assert len(wheel.read("crmcli/locale/zh/LC_MESSAGES/crmcli.mo")) > 1000


def test_the_command_ships(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert b"crm = crmcli.__main__:main" in wheel.read(entry_points)
