"""Streaming replica for public pages: DATABASE_REPLICA_URL.

`router` chooses the server, `monitor` checks whether the replica is usable, and `base` (the database engine, where
Django looks for it) limits the duration of queries.
"""

ALIAS = "replica"  # key in DATABASES
