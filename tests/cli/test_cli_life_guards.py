"""What must not slip through in the life of a file: rules nobody committed, a leaving before the last purchase, exports
that the history does not tell of, an export of everything by an empty list."""

import pytest
from conventions import Crm

pytest_plugins = ["conventions"]


@pytest.mark.parametrize("path", ["schemas/retention.yaml", "schemas/access.yaml", "schemas/vault.yaml"])
def test_nothing_is_planned_under_rules_that_are_not_committed(
    crm: Crm, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_NOW", raising=False)
    rules = crm.folder / path
    rules.write_text(rules.read_text(encoding="utf-8") + "# loose\n", encoding="utf-8")
    for words in (("plan",), ("run", "--yes")):
        refusal = crm.refused("purge", *words, exit=4)
        assert refusal.error["kind"] == "uncommitted"
        assert path in refusal.words
    assert crm("commit").exit == 0
    assert crm("purge", "plan").exit == 0


def test_nobody_left_before_their_last_purchase(crm: Crm) -> None:
    assert crm("add", "--kind", "individual", "--name", "赵示例", "--incomplete", "--set", "status=active").exit == 0
    assert crm("sale", "add", "赵示例", "--product", "茶", "--price", "10").exit == 0
    number = crm("search", "赵示例", "--format", "ids").out.strip()
    path = next((crm.folder / "records").rglob(f"{number}.yaml"))
    day = next(line for line in path.read_text(encoding="utf-8").splitlines() if "date:" in line).split('"')[1]
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{day}"', '"2024-01-02"', 1), encoding="utf-8")
    assert crm("commit").exit == 0
    refusal = crm.refused("archive", number, "--reason", "ended", "--on", "2024-01-03")
    assert "2024-01-03" in refusal.words


def test_the_history_tells_of_an_export(crm: Crm) -> None:
    assert crm("export", "*", "--format", "csv").exit == 0
    assert "export" in crm("history").out
    assert "export" in crm("history", "C20240510001").out


def test_an_empty_list_of_columns_is_not_everything(crm: Crm) -> None:
    assert "--columns" in crm.refused("export", "*", "--columns", "").words
