"""Model of ``config/labels.yaml``: texts for the coded values of Trading Grid."""

from collections.abc import Mapping

from gridwix.configuration.base import Config
from gridwix.models.texts import LabelText


class LabelGroup(Config):
    """Labels (texts for people) of the coded values of one field, in each language.

    ``values`` has the label of each value. ``neutral`` is the label for a value that ``values``
    lacks.
    """

    neutral: LabelText
    values: Mapping[str, LabelText]
