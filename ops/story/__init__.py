"""``gridwix trace``: what became of one record or event in Trading Grid, gridwix and Wix.

It also explains why the portal shows what it shows.
"""
