"""Secrets of a stack: their values are checked, asked for, stored, and proved to work."""
