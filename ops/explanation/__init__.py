"""``gridwix explain``: for each field of a portal row, its records, its rules, its owner, and what
both sides have.

The product's own projection makes the row, and makes it again without one record or with another
text. What changes then is the answer. The reasons:
``docs/adr/0046-a-row-is-explained-by-projecting-it-again.md``.
"""
