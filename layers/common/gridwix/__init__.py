"""The layer that every gridwix function shares: one package for each function, and what several need.

``functions/X/handler.py`` runs ``gridwix/X``. Its ``__init__`` says what triggers it and what it touches, ``service.py`` is the use case from top to bottom,
``projection.py`` its rules, ``ports.py`` what it needs from outside, ``wiring.py`` what fulfils that, ``queue.py`` its messages in and its metrics,
``reconciled.py`` its part of the reconciler.

Imports go one way, and packages of functions do not import each other: function packages, ``partner_requests``, ``edge``, ``runtime``, ``clients``,
``publication``, ``files``, ``ports``, ``mapping``, ``configuration``, ``models``, ``errors``. import-linter holds it (``.importlinter``).
"""
