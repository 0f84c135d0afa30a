"""Frozen models of the data of Trading Grid, Wix and the event bus. Pure."""
