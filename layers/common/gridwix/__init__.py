"""The layer that every gridwix function shares.

Imports go one way: ``functions -> runtime -> services -> mapping -> models``; ``clients -> models``. Services see clients only through the
protocols in :mod:`gridwix.ports`. ``errors`` is the ground floor and imports nothing.
"""
