"""Rules of the community gateway profile: schemas, state machines, steps. Pure."""
