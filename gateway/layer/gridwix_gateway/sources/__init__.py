"""Sources: read a hub's files, APIs and partner directory into records of the profile."""
