"""Rules of the community gateway profile. Pure."""
