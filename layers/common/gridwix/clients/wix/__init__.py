"""The Wix site: data items and data collections over REST. ``client`` is what to use, ``auth`` how to log in; the other modules are their parts."""
