"""The layer that all gridwix functions share: one package for each function, and shared packages.

``functions/X/handler.py`` runs the package ``gridwix/X``. In that package, ``__init__`` lists the
function's trigger, tables, settings and alarms; ``service.py`` is its use case from top to bottom,
``projection.py`` its rules, ``ports.py`` the interfaces that it needs, ``wiring.py`` their
implementations, ``queue.py`` its incoming messages and metrics, and ``reconciled.py`` its part of
the reconciler.

A package imports only packages that come after it in this list: function packages,
``partner_requests``, ``edge``, ``runtime``, ``clients``, ``publication``, ``files``, ``ports``,
``mapping``, ``configuration``, ``models``, ``errors``. Packages of functions do not import each
other. import-linter checks both rules (``.importlinter``).
"""

import gc

IMPORTED_OBJECTS = 250_000
"""Threshold of the garbage collector's youngest generation, in container objects, while a function
is imported: more than any import creates, so that it never collects; at most some 40 MB of garbage.
"""

# Set before all other imports: they create many objects and no garbage, and at Python's own
# threshold looking for it takes up to a tenth of a cold start. Consumers set a lower one before
# their first batch (gridwix.runtime.garbage_collection).
gc.set_threshold(IMPORTED_OBJECTS, 20, 20)
