"""Channel of targets that are a REST API."""
