"""Stand-ins for the community gateway's tests."""
