"""``gridwix explain``: says where each field of a portal row comes from, and what it should be.

For this, the product's own projection (the code that computes the row from Trading Grid's records)
makes the row, then makes it again without one record, or with another setting. A field that then
differs depends on that record or setting. The reasons:
``docs/adr/0046-a-row-is-explained-by-projecting-it-again.md``.
"""
