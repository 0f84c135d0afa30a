"""Finds texts of ``config/`` that lack a language of the portal.

These are warnings: partners read such texts in the default language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FormDefinition
from gridwix.models.locales import DEFAULT_LOCALE
from ops.backend import form_wordings
from ops.checks.remark import Members, Remark, warning, word_list

FOLDERS = frozenset({"forms", "campaigns"})
"""Settings with one file per entry: the first two members of a path name the file."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text of ``config/`` that partners read, with the languages in which it is written.

    ``members`` is the path of the text in the configuration, such as ``campaigns``, the campaign's
    key, ``texts``. ``name`` is the rest of that path within the text's file; for a text of a form,
    it is the text in the default language.
    """

    members: Members
    name: str
    languages: frozenset[str]

    @property
    def file(self) -> Members:
        """The first parts of ``members``, the text's path, which name its file in ``config/``.

        These are two parts if the file is in a folder of settings (``FOLDERS``), else one.
        """
        return self.members[: 2 if self.members[0] in FOLDERS else 1]


def texts_of(configuration: Configuration) -> Iterator[Written]:
    """Yield every text of the configuration that can be written in each language of the portal."""
    for field, group in configuration.labels.items():
        yield _written_text(group.neutral, "labels", field, "neutral")
        for value, label in group.values.items():
            yield _written_text(label, "labels", field, "values", value)
    for code, sentence in configuration.texts.sentences.items():
        yield _written_text(sentence, "texts", "sentences", code)
    for place, rule in enumerate(configuration.case_rules.rules):
        yield _written_text(rule.subject, "case_rules", "rules", str(place), "subject")
        yield _written_text(rule.next_step, "case_rules", "rules", str(place), "next_step")
    for refusal, said in configuration.intake.refusals.items():
        yield _written_text(said, "intake", "refusals", refusal)
    for problem, said in configuration.documents.problems.items():
        yield _written_text(said, "documents", "problems", problem)
    for team, name in configuration.routing.teams.items():
        yield _written_text(name, "routing", "teams", team)
    yield _written_text(configuration.messaging.digest, "messaging", "digest")
    for key, campaign in configuration.campaigns.items():
        yield _written_text(campaign.texts, "campaigns", key, "texts")
    for key, form in configuration.forms.items():
        yield from _form_texts(key, form)


def check_languages(configuration: Configuration) -> Iterator[Remark]:
    """Yield warnings for texts that lack a language, or have one that the portal does not declare.

    There is one warning per file and language, at the first text that it concerns.
    """
    declared = configuration.texts.languages
    found = list(texts_of(configuration))
    for file in dict.fromkeys(text.file for text in found):
        texts = [text for text in found if text.file == file]
        for language in declared:
            missing = [text for text in texts if language not in text.languages]
            if missing:
                more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                said = (
                    f"there is no text in {language} for {missing[0].name}{more},"
                    f" so partners read {DEFAULT_LOCALE} there"
                )
                yield warning(
                    missing[0].members,
                    said,
                    f"write it, or take {language} off languages in config/texts.yaml",
                )
        for language in sorted({one for text in texts for one in text.languages} - set(declared)):
            first = next(text for text in texts if language in text.languages)
            said = (
                f"{first.name} is written in {language}, which is no language of the portal;"
                f" those are {word_list(declared)}"
            )
            members = (
                (*first.file, "words", language) if first.file[0] == "forms" else first.members
            )
            yield warning(
                members, said, f"add {language} to languages in config/texts.yaml, or remove it"
            )


def _written_text(languages: Mapping[str, object], *members: str) -> Written:
    return Written(
        members, ".".join(members[2 if members[0] in FOLDERS else 1 :]), frozenset(languages)
    )


def _form_texts(key: str, form: FormDefinition) -> Iterator[Written]:
    """Yield each wording of a form, with the languages in which it is written.

    Wordings in capitals (X12, USD) are left out, as they need no translation.
    """
    for wording in dict.fromkeys(form_wordings(form)):
        if not wording.isupper():
            yield Written(
                ("forms", key),
                wording,
                frozenset(
                    {
                        DEFAULT_LOCALE,
                        *(language for language, words in form.words.items() if wording in words),
                    }
                ),
            )
