"""Use cases of the community: each reads and writes through a draft, so it happens at once.

They know neither HTTP nor AWS, and nothing of time but the draft's.
"""
