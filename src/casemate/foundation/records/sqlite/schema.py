"""The tables of a store, and how each data format came from the one before."""

from casemate.foundation.records import migrations

SCHEMA = (
    """
    CREATE TABLE head (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        commits INTEGER NOT NULL, audit INTEGER NOT NULL, digest BLOB NOT NULL, message INTEGER NOT NULL
    )
    """,
    "INSERT INTO head VALUES (1, 0, 0, zeroblob(32), 0)",
    # Bodies are appended and only short keys stand in random places: half the pages of a clustered table.
    """
    CREATE TABLE record (
        number INTEGER PRIMARY KEY,
        collection TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL,
        version INTEGER NOT NULL, entries BLOB NOT NULL, body BLOB NOT NULL,
        UNIQUE (collection, scope, id)
    )
    """,
    "CREATE TABLE erasable (number INTEGER PRIMARY KEY, payload BLOB NOT NULL)",
    """
    CREATE TABLE entry (
        space TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (space, scope, value, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE unique_entry (
        space TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (space, scope, value)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE timer (
        kind TEXT NOT NULL, key TEXT NOT NULL, due REAL NOT NULL, seq INTEGER NOT NULL, payload BLOB NOT NULL,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX timer_due ON timer (due, kind, key)",
    """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY,
        destination TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, payload BLOB NOT NULL
    )
    """,
    "CREATE TABLE inbox (source TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (source, seq)) WITHOUT ROWID",
    """
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        account TEXT NOT NULL, time REAL NOT NULL, changes BLOB NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL
    )
    """,
)

MIGRATIONS: migrations.Steps = (SCHEMA,)
"""The statements that lead from each data format to the next; a step that a release has shipped never changes."""

APPLICATION_ID = 0x43534D54
"""What SQLite's header says of whose file it is: "CSMT"."""
