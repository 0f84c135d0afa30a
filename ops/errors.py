"""Errors of the command. The message tells the user what is wrong and what to do.

``OpsError`` has the subclasses ``LocalCloudError``, ``BundleError``, ``StackError``,
``ConfigurationFault`` (``ops.configuration``) and ``Standstill`` (``ops.waiting``).
"""


class OpsError(Exception):
    """An error that the user can correct. The message is ``FAULT: REMEDY``."""

    def __init__(self, fault: str, remedy: str) -> None:
        """Make the error message from what is wrong and what to do.

        Args:
            fault: What is wrong, with the record, file or option that it is about.
            remedy: The next step. It stands on a line of its own after a fault of several lines.
        """
        separator = "\n" if "\n" in fault else ": "
        super().__init__(f"{fault}{separator}{remedy}")
        self.fault = fault
        self.remedy = remedy


class LocalCloudError(OpsError):
    """The local cloud did not start."""


class BundleError(OpsError):
    """AWS SAM could not build or deploy the bundle of functions."""


class StackError(OpsError):
    """The CloudFormation stack does not exist, or lacks an output or a resource that is needed."""
