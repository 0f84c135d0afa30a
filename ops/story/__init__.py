"""``gridwix trace``: what became of one record or event in Trading Grid, gridwix and Wix, and why
the portal shows what it shows.
"""
