"""Checks the locales of forms against Unicode CLDR.

An unknown locale would be ignored, and numbers and dates would be read without it.
"""

from collections.abc import Mapping

from gridwix.configuration.everything import Configuration
from gridwix.form_intake.amounts import find_locale


def unknown_locales(configuration: Configuration) -> Mapping[tuple[str, ...], str]:
    """Return an error text for each form that has an unknown locale.

    Unicode CLDR defines the known locales. The key is the path of the locale in the configuration.

    >>> unknown_locales(Configuration.model_construct(forms={}))
    {}
    """
    named = {
        key: form.locale for key, form in configuration.forms.items() if form.locale is not None
    }
    return {
        (
            "forms",
            key,
            "locale",
        ): f"{locale} is no language of a country that Unicode CLDR knows; write one such as de-DE"
        for key, locale in named.items()
        if find_locale(locale) is None
    }
