"""Delivers items from partners, such as comments, by mail."""
