"""Erasure of a person's, or a partner's, personal data from every store of a stack.

``people`` resolves the person, ``stores`` lists the stores in their order, and each store
implements :class:`ops.erasure.ports.PersonalStore`. ``docs/personal-data.md`` is the inventory.
"""
