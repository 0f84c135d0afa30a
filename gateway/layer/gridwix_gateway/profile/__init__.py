"""Rules of the community gateway profile (API contract): schemas, state machines, steps. Pure."""
