"""What the command can run into. The message is for the person at the terminal: what is wrong, and where to look."""


class OpsError(Exception):
    """Something that the person can do something about."""


class LocalCloudError(OpsError):
    """The local cloud did not come up."""


class BundleError(OpsError):
    """SAM could not build or deploy."""


class StackError(OpsError):
    """The stack is not there, or lacks what was asked for."""
