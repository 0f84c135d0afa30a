"""The source ``rest``: records from any REST API, by declaration.

``declaration`` says what is declared, ``paging`` how a list goes on, ``rows`` how a row is read,
``reading`` in which order pages are read, and ``run`` what one run does. ``docs/adr/0039`` says
why this engine is our own.
"""
