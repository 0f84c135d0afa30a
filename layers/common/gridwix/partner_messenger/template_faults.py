"""The error of templates, in its own module: code that catches it does not load Jinja2."""


class TemplateFault(ValueError):
    """Error of a template. The text quotes the template at most, never a value."""
