"""The generated schema files of a vault, as bytes by their path. Never writes them: `crm init` and `make schemas` do."""

from crmcli.model.json_schema import DOSSIER, dossier_schema, render, rule_schemas


def schema_files() -> dict[str, bytes]:
    """Path relative to the vault (`schemas/dossier.schema.json`) → its bytes."""
    schemas = {DOSSIER: dossier_schema(), **rule_schemas()}
    return {f"schemas/{name}": render(schema).encode() for name, schema in schemas.items()}
