"""The publication engine, which every function that writes rows to the portal uses.

A projection is a row as it should be. Rows are claimed in the publication ledger, written in bulk,
and committed with the versions of the records that they were made from, so that an older version
never replaces a newer one. The package also holds resync requests, and the row comparison of the
reconciler.
"""
