"""The gateway's table: records, the event feed of their changes, and items of use cases.

``commits`` writes, ``records`` and ``feed`` read. ``docs/adr/0033`` says why the feed has no gaps.

====================  ==========================  =================================================
partition key ``pk``  sort key ``sk``             item
====================  ==========================  =================================================
``counter``           ``-``                       numbers of commits and of the last event, and
                                                  the time of the last commit
``R#collection#id``   ``-``                       a record, also in the indexes ``list`` and
                                                  ``partner``
``F#block``           number, 12 digits           an event; a block has ``BLOCK_SIZE`` numbers
any other             any                         what a use case keeps with its commits, such as
                                                  comments and responses to idempotency keys
====================  ==========================  =================================================
"""
