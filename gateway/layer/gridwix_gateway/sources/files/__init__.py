"""The source ``files``: tables that people drop into a bucket, as records of the profile.

A drop is read into rows by a format's reader (CSV, Excel, JSON Lines), compared with the snapshot
that was applied last, mapped, and applied in commits that resume after a crash. Rows with a fault
are refused one by one; a file that looks wrong as a whole changes nothing.
"""
