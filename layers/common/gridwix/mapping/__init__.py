"""Mappings from one model to another. Pure functions: no AWS, no HTTP, no clock, no environment."""
