"""The publication engine, which every function that writes rows to the portal uses.

Projections are claimed in the ledger, written in bulk, and committed with the versions that they
were made from, so that an older version never replaces a newer one. The package also holds resync
requests, and the row comparison of the reconciler.
"""
