"""JSON document of ``gridwix form-address``."""

from ops.json_output import JsonOutput


class FormAddressOutput(JsonOutput):
    """The URL of a form's automation."""

    form: str
    url: str
    """secret: every holder can submit this form"""
