"""What happens: one module per use case, written against :mod:`gridwix.services.ports`. No AWS, no HTTP, no clock."""
