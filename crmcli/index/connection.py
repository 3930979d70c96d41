"""Where the index's database is opened: in memory, for this process alone.

The persistent, encrypted one takes this place.
"""

import sqlite3


def open_index() -> sqlite3.Connection:
    """An empty database that never touches the disk."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;")
    return connection
