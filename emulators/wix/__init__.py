"""A stand-in for one Wix site: OAuth, API keys, data collections and data items, as https://dev.wix.com/docs/rest documents them.

Nothing of it was run against Wix itself; where the documentation is silent, the official JavaScript SDK decides, which works against it unchanged.
"""
