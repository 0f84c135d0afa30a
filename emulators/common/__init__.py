"""What both emulators share: a server, a SQLite store, a clock, faults on order, a journal of requests, and the look of the pages."""
