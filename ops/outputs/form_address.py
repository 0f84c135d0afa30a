"""``gridwix form-address --json``."""

from ops.json_output import JsonOutput


class FormAddressOutput(JsonOutput):
    """The URL of a form's automation."""

    form: str
    url: str
    """whoever has it can submit this form"""
