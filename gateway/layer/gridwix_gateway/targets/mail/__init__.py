"""Targets that are a mailbox."""
