"""Targets that are a folder of a bucket."""
