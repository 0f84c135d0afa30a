"""Which texts of ``config/`` lack a language of the portal. They are no faults: partners read them in the default language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gridwix.models.campaigns import DEFAULT_LOCALE
from gridwix.models.configuration import Configuration, FormDefinition
from ops.backend import asked_wordings


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a file of ``config/`` (such as ``labels``), by the members that lead to it, and the languages that it is written in."""

    file: str
    member: str
    languages: frozenset[str]


def written(configuration: Configuration) -> Iterator[Written]:
    """Every text that can be written in each language."""
    for field, group in configuration.labels.items():
        yield _text("labels", f"{field}.neutral", group.neutral)
        for value, label in group.values.items():
            yield _text("labels", f"{field}.values.{value}", label)
    for code, sentence in configuration.texts.sentences.items():
        yield _text("texts", f"sentences.{code}", sentence)
    for rule in configuration.case_rules.rules:
        yield _text("case_rules", f"{rule.key}.subject", rule.subject)
        yield _text("case_rules", f"{rule.key}.next_step", rule.next_step)
    for refusal, said in configuration.intake.refusals.items():
        yield _text("intake", f"refusals.{refusal}", said)
    for problem, said in configuration.documents.problems.items():
        yield _text("documents", f"problems.{problem}", said)
    for team, name in configuration.routing.teams.items():
        yield _text("routing", f"teams.{team}", name)
    yield _text("messaging", "digest", configuration.messaging.digest)
    for key, campaign in configuration.campaigns.items():
        yield _text(f"campaigns/{key}", "texts", campaign.texts)
    for key, form in configuration.forms.items():
        yield from _of_form(key, form)


def warnings(configuration: Configuration) -> list[str]:
    """A line for each file and language: how much is missing, and what the first of it is."""
    declared = configuration.texts.languages
    found = list(written(configuration))
    lines: list[str] = []
    for file in dict.fromkeys(text.file for text in found):
        texts = [text for text in found if text.file == file]
        for language in declared:
            missing = [text.member for text in texts if language not in text.languages]
            if missing:
                others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
                lines.append(f"config/{file}.yaml: no text in {language} for {missing[0]}{others}: partners read {DEFAULT_LOCALE} there")
        undeclared = sorted({language for text in texts for language in text.languages} - set(declared))
        lines += [f"config/{file}.yaml: texts in {one}, which is no language of the portal: add it to languages in config/texts.yaml" for one in undeclared]
    return lines


def _text(file: str, member: str, texts: Mapping[str, object]) -> Written:
    return Written(file, member, frozenset(texts))


def _of_form(key: str, form: FormDefinition) -> Iterator[Written]:
    """What the portal shows of a form. A wording in capitals, such as X12 or USD, reads the same in every language."""
    for wording in _worded(asked_wordings(form)):
        yield Written(f"forms/{key}", wording, frozenset({DEFAULT_LOCALE, *(language for language, words in form.words.items() if wording in words)}))


def _worded(wordings: Iterable[str]) -> Iterable[str]:
    return (wording for wording in dict.fromkeys(wordings) if not wording.isupper())
