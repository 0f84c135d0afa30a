"""Parts that the emulators of Trading Grid and Wix share.

HTTP server, SQLite store, clock, injected faults, request journal, and the base template of the web
pages.
"""
