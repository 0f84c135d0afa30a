"""The demo: scenarios in the local environment, and claims about each that are checked.

The first scenario follows one change in Trading Grid from hop to hop to the partner's portal row.
"""
