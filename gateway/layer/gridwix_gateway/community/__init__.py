"""Use cases over records. Each runs on a draft, so its writes are committed together or not at all.

They depend on neither HTTP nor AWS, and use no clock but the draft's commit time.
"""
