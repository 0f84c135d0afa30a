"""The publication engine: writes rows to the portal for every function that publishes rows.

A projection is a row as it should be. Rows are claimed in the publication ledger, written in bulk,
and committed with the versions of the records that they were made from, so that an older version
never replaces a newer one. The package also holds resync requests (to read and publish records
again), and the comparison of rows by the reconciler.
"""
