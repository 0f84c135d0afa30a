"""Languages of texts."""

from typing import Annotated

from pydantic import StringConstraints

type Locale = Annotated[str, StringConstraints(pattern="^[a-z]{2}$")]
"""ISO 639-1."""

DEFAULT_LOCALE = "en"
"""The language that every text has."""
