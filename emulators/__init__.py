"""Emulators of Trading Grid and Wix with the real wire formats over HTTP.

For development and tests only; they are never deployed.
"""
