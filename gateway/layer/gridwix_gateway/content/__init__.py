"""Content of documents and attachments: uploads, objects in S3, and byte ranges.

=======================  ==========================================================================
key in the bucket        object
=======================  ==========================================================================
``uploads/id``           bytes that a client has put; anyone who has the URL can replace them
``content/sha256/name``  verified bytes, which nothing changes
=======================  ==========================================================================
"""
