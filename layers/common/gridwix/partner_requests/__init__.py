"""Form submissions of partners: their store, the calls that deliver them, and their portal rows.

The form intake, the request publisher and the reconciler share this package.
"""
