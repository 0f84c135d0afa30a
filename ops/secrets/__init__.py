"""Secrets of a stack: their forms, how values are asked for, stored, and proved to work."""
