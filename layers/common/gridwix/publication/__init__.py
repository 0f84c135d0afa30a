"""The publication engine: what every function does that writes rows to the portal.

Projections are claimed in the ledger, written in bulk and committed with the versions that they were made of, so that an older version never replaces
a newer one. Also here: resync requests, and what the reconciler compares rows by.
"""
