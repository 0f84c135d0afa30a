"""The source kind ``documents``: publishes the files of a file share in the document library.

The members of a document are computed from the file's path: a pattern with named parts, and
expressions over them. The file's bytes become a version. The same bytes again change nothing; other
bytes at the same path become a new version. Deleting a file deletes no document.
"""
