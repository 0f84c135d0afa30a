"""The source ``documents``: files of a share, as published documents of the library.

The path of a file says what it is: named parts of a pattern, and expressions over them. Its bytes
become a version. The same bytes again change nothing, other bytes at the same path become a new
version, and nothing that is deleted from the share is deleted here.
"""
