"""The commands of ``gridwix``, one module each.

A command reads its options, calls one part of ``ops``, and prints the result.
"""
