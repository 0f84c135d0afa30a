"""Build of the layer, run by ``sam build`` in a copy of ``layers/common``.

SAM passes no architecture to a makefile, so the template picks the makefile by architecture, and
each names its own to :mod:`sam_build.layer`.
"""
