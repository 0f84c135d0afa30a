"""Model of ``config/labels.yaml``: texts for the coded values of Trading Grid."""

from collections.abc import Mapping

from gridwix.configuration.base import Config
from gridwix.models.texts import LabelText


class LabelGroup(Config):
    """Labels of one field's values, each by language.

    ``neutral`` is the label of a value that has none.
    """

    neutral: LabelText
    values: Mapping[str, LabelText]
