"""Tab-separated text: the same records and guards as CSV, a line a record."""

from crmcli.reports.render_csv import render_tsv as render

__all__ = ["render"]
