"""Looks up labels: texts for people in place of the coded values of Trading Grid."""

from collections import Counter
from collections.abc import Mapping

from gridwix.configuration.labels import LabelGroup
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.texts import LabelField


class Labels:
    """Looks up the labels (texts for people) of coded values, by field and value, in a language.

    A value without a label gets the neutral label of its field, and is counted in ``unknown`` as
    ``field=value``.

    >>> status = LabelGroup(neutral="Unknown", values={"new": {"en": "New", "de": "Neu"}})
    >>> labels = Labels({"case.status": status})
    >>> labels.label("case.status", "new", "de"), labels.label("case.status", "odd")
    ('Neu', 'Unknown')
    >>> dict(labels.unknown)
    {'case.status=odd': 1}
    """

    def __init__(self, groups: Mapping[str, LabelGroup]) -> None:
        self._groups = groups
        self.unknown: Counter[str] = Counter()

    def __contains__(self, field: str) -> bool:
        """Tell whether a field has labels."""
        return field in self._groups

    def label(self, field: LabelField, value: str, locale: str = DEFAULT_LOCALE) -> str:
        """Return the label of a value in a language, or in the default language if that is missing.

        A value without a label gets the neutral label of the field, and is counted in ``unknown``.
        Raises KeyError for a field that has no labels at all.
        """
        if value not in self._groups[field].values:
            self.unknown[f"{field}={value[:50]}"] += 1
        return self.peek_label(field, value, locale)

    def peek_label(self, field: LabelField, value: str, locale: str = DEFAULT_LOCALE) -> str:
        """Return the same label as :meth:`label`, which also counts the values without a label.

        This method counts nothing: for comparisons, and for values that were counted before.
        """
        label = self._groups[field].values.get(value)
        return (
            self.neutral_label(field, locale)
            if label is None
            else label.get(locale, label[DEFAULT_LOCALE])
        )

    def neutral_label(self, field: LabelField, locale: str = DEFAULT_LOCALE) -> str:
        """Return the neutral label of a field, for a value that is missing or has no label.

        Raises KeyError for a field without labels.
        """
        label = self._groups[field].neutral
        return label.get(locale, label[DEFAULT_LOCALE])
