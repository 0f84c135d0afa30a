"""Language tags of texts, and the default language."""

from typing import Annotated

from pydantic import StringConstraints

type Locale = Annotated[str, StringConstraints(pattern="^[a-z]{2}$")]
"""Language code of two letters (ISO 639-1), such as ``de``."""

DEFAULT_LOCALE = "en"
"""Language that every text has; the fallback for every other language."""
