"""Documents that commands print with ``--json``. Their schemas are in ``docs/command/``."""
