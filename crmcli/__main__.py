"""The command's way in. Answers `crm --version` by itself, as fast as Python starts, and git's merge driver without the
command line for people; all else is the boundary's.

Loads nothing heavy before it knows that it must.
"""

import sys
from importlib import import_module

from crmcli import __version__

MERGE_DRIVER = "merge-driver"


def main() -> int:
    """Run the command line of this process; the exit code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"crm {__version__}\n")
        return 0
    try:
        if sys.argv[1:2] == [MERGE_DRIVER]:
            return int(import_module("crmcli.cli.merge_driver").main(sys.argv[2:]))
        return int(import_module("crmcli.cli.boundary").main())
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
