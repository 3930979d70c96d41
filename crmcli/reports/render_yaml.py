"""YAML in block style, in the data's own order, every string read back as that string.

A result with marks that turn the direction of writing, or with control characters, is escaped as a whole: PyYAML would
let the marks stand, and read U+0085 back as a space.
"""

import re
from typing import TYPE_CHECKING

from crmcli.late import late
from crmcli.reports.render_json import data_of
from crmcli.reports.safe_text import TURNING
from crmcli.reports.values import Look, Value

if TYPE_CHECKING:
    import yaml
else:
    yaml = late("yaml")

ACTING = re.compile(f"[\x7f-\x9f{TURNING}\ud800-\udfff]")


def render(value: Value, look: Look) -> str:
    """The value's data as YAML, UTF-8."""
    return text_of(data_of(value))


def text_of(tree: object) -> str:
    """A plain tree as YAML."""
    text = _dumped(tree, readable=True)
    return _dumped(tree, readable=False) if ACTING.search(text) else text


def _dumped(tree: object, *, readable: bool) -> str:
    return yaml.safe_dump(tree, allow_unicode=readable, sort_keys=False, width=4096, default_flow_style=False)
