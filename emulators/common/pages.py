"""The look of the emulators' pages: one base template and one style for both. Everything is escaped; nothing is loaded from elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

SHARED_TEMPLATES = Path(__file__).parent / "templates"

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; img-src data:"


class Pages:
    """Renders an emulator's own templates, which extend ``base.html``."""

    def __init__(self, templates: Path, **common: Any) -> None:
        self._environment = Environment(loader=FileSystemLoader([templates, SHARED_TEMPLATES]), autoescape=True, undefined=StrictUndefined)
        self._environment.globals.update(common)

    def add_filters(self, **filters: Callable[..., str]) -> None:
        """Add filters that the templates use."""
        self._environment.filters.update(filters)

    def render(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        headers = {"content-security-policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(self._environment.get_template(name).render(**context), status_code=status, headers=headers)
