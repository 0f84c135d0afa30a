"""The ``gridwix`` command, and the tools of this repository."""
