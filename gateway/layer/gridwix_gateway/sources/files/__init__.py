"""The source kind ``files``: reads tables that people upload to a bucket into gateway records.

A drop is an uploaded file. A drop is read into rows (CSV, Excel, JSON Lines), compared with the
rows of the drop that was applied last (the snapshot), mapped to records, and applied in commits
that resume after a crash. Rows with a fault are refused one by one; a file that looks wrong as a
whole changes nothing.
"""
