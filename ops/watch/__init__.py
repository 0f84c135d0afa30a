"""The live screen of ``gridwix status --watch``.

``snapshot`` is the state that the screen shows, ``log_tail`` follows the logs, ``reading`` reads a
snapshot from AWS, ``view`` draws a snapshot, and ``loop`` repeats reading and drawing.
"""
