"""Error of message templates, in its own module, so that code that catches it loads no Jinja2."""


class TemplateFault(ValueError):
    """Error of a message template. Its text may quote the template, but never a value."""
