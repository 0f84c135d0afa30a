"""Adapters for one Wix site: data items, data collections and media files over REST.

``client`` and ``media`` are the clients. ``site`` sends their calls within the call budget,
``auth`` authenticates. The other modules are parts of them.
"""
