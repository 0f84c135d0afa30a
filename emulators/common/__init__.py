"""Parts that both emulators use.

Server, SQLite store, clock, injected faults, request journal, and the base template of the pages.
"""
