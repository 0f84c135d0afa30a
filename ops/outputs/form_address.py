"""JSON document of ``gridwix form-address``, which prints the URL for the submissions of a form."""

from ops.json_output import JsonOutput


class FormAddressOutput(JsonOutput):
    """The URL to which the automation of a Wix form posts the form's submissions."""

    form: str
    url: str
    """secret: every holder can submit this form"""
