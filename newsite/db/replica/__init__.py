"""A streaming replica, DATABASE_REPLICA_URL, from which public pages are read: `routing` says which, `watch` whether it
may be asked, `base` (the engine, where Django looks for it) how long anybody waits for it.
"""

ALIAS = "replica"  # among DATABASES
