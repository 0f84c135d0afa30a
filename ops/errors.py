"""Errors of the command. The message is for the user: it names the fault and where to look.

``OpsError`` has the subclasses ``LocalCloudError``, ``BundleError``, ``StackError``,
``ConfigurationFault`` (``ops.configuration``) and ``Standstill`` (``ops.waiting``).
"""


class OpsError(Exception):
    """An error that the user can correct."""


class LocalCloudError(OpsError):
    """The local cloud did not start."""


class BundleError(OpsError):
    """SAM could not build or deploy the bundle."""


class StackError(OpsError):
    """The stack does not exist, or lacks the requested part."""
