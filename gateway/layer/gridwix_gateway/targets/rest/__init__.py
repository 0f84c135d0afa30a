"""Targets with a REST API."""
