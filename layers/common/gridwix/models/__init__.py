"""Entities of Trading Grid, Wix and the bus, as frozen models. Pure."""
