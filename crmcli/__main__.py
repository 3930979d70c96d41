"""The command's way in. Answers `crm --version` by itself, as fast as Python starts; all else is the boundary's.

Loads nothing heavy before it knows that it must.
"""

import sys
from importlib import import_module

from crmcli import __version__


def main() -> int:
    """Run the command line of this process; the exit code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"crm {__version__}\n")
        return 0
    try:
        return int(import_module("crmcli.cli.boundary").main())
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
