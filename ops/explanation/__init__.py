"""``gridwix explain``: for each field of a portal row, its records, its rules, its owner, and the
values in Wix and by Trading Grid.

The product's own projection makes the row, and makes it again without one record or with another
text. A field that differs then depends on that record or text. The reasons:
``docs/adr/0046-a-row-is-explained-by-projecting-it-again.md``.
"""
