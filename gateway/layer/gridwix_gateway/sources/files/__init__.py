"""The source kind ``files``: tables dropped into a bucket, as records of the profile.

A drop is a dropped file. It is read into rows (CSV, Excel, JSON Lines), compared with the snapshot
of the drop applied last, mapped to records, and applied in commits that resume after a crash. Rows
with a fault are refused one by one; a file that looks wrong as a whole changes nothing.
"""
