"""People at partners, and their invitations to the portal."""
