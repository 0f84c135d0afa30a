"""Shows labels and sentences in each language of the portal, as partners read them."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from gridwix.configuration.everything import Configuration
from gridwix.mapping.texts import catalog
from gridwix.models.locales import DEFAULT_LOCALE


@dataclass(frozen=True, slots=True)
class Wording:
    """A label or sentence of the portal in one language.

    ``name`` is ``case.status=new`` for a label, ``case.status`` for the label of all other values,
    and the code of a sentence, such as ``headline.passed``. ``form`` is the plural category, such
    as ``one``; "" for the category ``other``, and for a text with one form. ``own`` is False if the
    language has no text of its own, so that partners read English.
    """

    name: str
    language: str
    text: str
    own: bool
    form: str = ""


def wordings(configuration: Configuration) -> Iterator[Wording]:
    """Yield each label and sentence of the portal in each language.

    A label is the text for a coded value, such as a status. A sentence is a text that gridwix
    writes for partners; each of its plural forms is yielded. A language without a text of its own
    gets the English text.

    Args:
        configuration: The settings, which have the texts.
    """
    languages = configuration.texts.languages
    for field, group in sorted(configuration.labels.items()):
        labels = {
            field: group.neutral,
            **{f"{field}={value}": texts for value, texts in sorted(group.values.items())},
        }
        for name, texts in labels.items():
            for language in languages:
                text = texts.get(language)
                yield Wording(name, language, text or texts[DEFAULT_LOCALE], text is not None)
    for code, said in sorted(catalog(configuration).items()):
        for language in languages:
            own = said.get(language)
            for form, text in (own or said[DEFAULT_LOCALE]).forms().items():
                shown = "" if form == "other" else form
                yield Wording(code, language, text, own is not None, shown)


def find_wordings(configuration: Configuration, wanted: str) -> list[Wording]:
    """Return the labels and sentences with a name, or else those with a text that contains it.

    A name matches if it equals ``wanted``, or begins with ``wanted`` and a dot or ``=``. If no name
    matches, texts are searched, regardless of upper and lower case. The result has all languages.

    Args:
        configuration: The settings.
        wanted: A name, its beginning, or a part of a text.
    """
    everything = list(wordings(configuration))
    named = [
        one
        for one in everything
        if one.name == wanted or one.name.startswith((f"{wanted}.", f"{wanted}="))
    ]
    if named:
        return named
    part = wanted.casefold()
    names = {one.name for one in everything if part in one.text.casefold()}
    return [one for one in everything if one.name in names]


def similar_names(configuration: Configuration, wanted: str) -> list[str]:
    """Return the names of labels and sentences that are spelled like ``wanted``, the best first."""
    names = sorted({one.name for one in wordings(configuration)})
    return difflib.get_close_matches(wanted, names, n=3)
