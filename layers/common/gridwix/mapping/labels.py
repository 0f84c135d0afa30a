"""Words for people in the place of Trading Grid's values."""

from collections import Counter
from collections.abc import Mapping

from gridwix.configuration.labels import LabelGroup
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.texts import LabelField


class Labels:
    """Labels by field and value. What has no label gets its field's neutral one, and ``unknown`` counts it as ``field=value``."""

    def __init__(self, groups: Mapping[str, LabelGroup]) -> None:
        self._groups = groups
        self.unknown: Counter[str] = Counter()

    def __contains__(self, field: str) -> bool:
        """Whether a field has labels."""
        return field in self._groups

    def label(self, field: LabelField, value: str, locale: str = DEFAULT_LOCALE) -> str:
        """The label of a value in a language, or in the default one if it has none there. Raises KeyError for a field that has no labels at all."""
        if value not in self._groups[field].values:
            self.unknown[f"{field}={value[:50]}"] += 1
        return self.peek_label(field, value, locale)

    def peek_label(self, field: LabelField, value: str, locale: str = DEFAULT_LOCALE) -> str:
        """As :meth:`of`, without counting: for a text that is only compared, or made a second time."""
        label = self._groups[field].values.get(value)
        return self.neutral_label(field, locale) if label is None else label.get(locale, label[DEFAULT_LOCALE])

    def neutral_label(self, field: LabelField, locale: str = DEFAULT_LOCALE) -> str:
        """The label for no value at all. Raises KeyError for a field that has no labels."""
        label = self._groups[field].neutral
        return label.get(locale, label[DEFAULT_LOCALE])
