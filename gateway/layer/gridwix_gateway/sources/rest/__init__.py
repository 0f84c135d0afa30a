"""The source kind ``rest``: reads records from any REST API, configured by a declaration.

``declaration`` has the models, ``paging`` finds the next page, ``rows`` parses rows, ``reading``
orders the pages and keeps the checkpoint, and ``run`` commits. ``docs/adr/0039`` says why no
library is used.
"""
