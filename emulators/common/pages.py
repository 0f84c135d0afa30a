"""Base template and styles of the emulators' web pages.

All text is escaped, and nothing is loaded from other servers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

SHARED_TEMPLATES = Path(__file__).parent / "templates"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
    " form-action 'self'; img-src data:"
)


class Pages:
    """Renders the Jinja templates of one emulator's web pages, which extend ``base.html``."""

    def __init__(self, templates: Path, **common: Any) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([templates, SHARED_TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
        )
        self._environment.globals.update(common)

    def add_filters(self, **filters: Callable[..., str]) -> None:
        """Add Jinja filters that the templates use."""
        self._environment.filters.update(filters)

    def render(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        headers = {"content-security-policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(
            self._environment.get_template(name).render(**context),
            status_code=status,
            headers=headers,
        )
