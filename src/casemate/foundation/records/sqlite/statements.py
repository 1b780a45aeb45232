"""Statements that both sides use."""

RECORD = "SELECT version, entries, body FROM record WHERE collection = ? AND scope = ? AND id = ?"
RECORD_ERASABLE = (
    "SELECT r.version, r.entries, e.payload FROM record r JOIN erasable e ON e.number = r.number"
    " WHERE r.collection = ? AND r.scope = ? AND r.id = ?"
)
RECEIVED = "SELECT 1 FROM inbox WHERE source = ? AND seq = ?"
HEADS = "SELECT commits, audit, digest, message FROM head"
