"""Use cases that change records, such as creating a case.

Each works on a draft, which collects the writes of one commit: all writes are committed, or none.
The use cases depend on neither HTTP nor AWS, and use no clock but the draft's commit time.
"""
