"""What the models cannot say of ``config/``, because it takes more than one file: names that lead nowhere, and rules that never decide."""

from collections.abc import Iterator
from datetime import date

from gridwix.configuration.everything import Configuration
from ops.checks.forms import check_forms
from ops.checks.languages import check_languages
from ops.checks.messages import check_messages
from ops.checks.remark import Members, Remark
from ops.checks.rules import check_rules
from ops.checks.words import check_words

__all__ = ["Members", "Remark", "remarks"]


def check_configuration(configuration: Configuration, today: date) -> Iterator[Remark]:
    """All errors and warnings, file by file. ``today`` is for holidays that are over."""
    yield from check_words(configuration)
    yield from check_rules(configuration, today)
    yield from check_forms(configuration)
    yield from check_messages(configuration)
    yield from check_languages(configuration)
