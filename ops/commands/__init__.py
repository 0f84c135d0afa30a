"""The commands of ``gridwix``, one module each: read the options, call one part of ``ops``, print
the result.
"""
