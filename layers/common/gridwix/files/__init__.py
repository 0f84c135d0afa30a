"""File content checks, and copies of files to Trading Grid."""
