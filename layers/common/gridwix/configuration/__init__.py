"""Models of the files that a customer edits in ``config/``: one module for each file or folder.

The command ``make config`` validates the files, and packs them into the layer.
"""
