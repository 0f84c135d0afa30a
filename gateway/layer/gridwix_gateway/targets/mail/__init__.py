"""Channel of targets that are a mailbox."""
