"""Sources: what a hub has, as records of the profile."""
