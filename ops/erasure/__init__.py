"""Erasure of a person's, or a partner's, personal data from every store of a stack.

``persons`` resolves whom it is about, ``stores`` lists the stores in their order, and each store
implements :class:`ops.erasure.ports.PersonalStore`. ``docs/personal-data.md`` is the inventory.
"""
