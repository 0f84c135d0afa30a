"""Clients of one Wix site: data items, data collections, media files and members over REST.

``client`` reads and writes data items, ``schema`` their collections, and ``media`` files. ``site``
sends the calls of all clients within the call budget, and ``auth`` authenticates. Most of the other
modules read or write one collection or one kind of record.
"""
