"""The demo: scenarios in the local environment, and claims of gridwix that are checked.

A claim is a promise, such as that nothing is written twice. The first scenario follows one change
in Trading Grid, through each function and queue, to the partner's portal row.
"""
