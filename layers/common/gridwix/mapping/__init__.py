"""How one thing becomes another. Pure functions: no AWS, no HTTP, no clock, no environment."""
