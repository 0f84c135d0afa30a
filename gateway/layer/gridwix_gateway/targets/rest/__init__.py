"""Delivers items from partners, such as comments, to systems with a REST API."""
