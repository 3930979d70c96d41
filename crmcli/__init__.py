"""crm: customer files as validated YAML in git."""

__version__ = "0.1.0"
