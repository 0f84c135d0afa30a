"""Frozen models of Trading Grid, Wix and the bus. Pure."""
