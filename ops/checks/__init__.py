"""Checks of ``config/`` across files: references to missing names, and rules that never apply.

The models check each file by itself; these checks need several files.
"""

from collections.abc import Iterator
from datetime import date

from gridwix.configuration.everything import Configuration
from ops.checks.forms import check_forms
from ops.checks.languages import check_languages
from ops.checks.messages import check_messages
from ops.checks.remark import Members, Remark
from ops.checks.roles import check_roles
from ops.checks.rules import check_rules
from ops.checks.words import check_words

__all__ = ["Members", "Remark", "check_configuration"]


def check_configuration(configuration: Configuration, today: date) -> Iterator[Remark]:
    """Yield the errors and warnings of all checks of ``config/``, file by file.

    ``today`` decides which holidays are past.
    """
    yield from check_words(configuration)
    yield from check_rules(configuration, today)
    yield from check_forms(configuration)
    yield from check_roles(configuration)
    yield from check_messages(configuration)
    yield from check_languages(configuration)
