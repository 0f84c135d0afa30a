"""The live screen of ``gridwix status --watch``.

``snapshot`` is what it shows, ``log_tail`` follows the logs, ``reading`` reads a snapshot from AWS,
``view`` draws it, and ``loop`` repeats that.
"""
