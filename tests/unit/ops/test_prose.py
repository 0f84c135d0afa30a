from pathlib import Path

import pytest

from ops.prose import FOLDER, documents, lint

BAD = {
    "FillerWords": "The function is very fast.",
    "FutureTense": "The function will send a message.",
    "HouseTerms": "The record is read anew.",
    "LongSentences": "The function " + "reads a record and " * 12 + "stops.",
    "PassiveWithAgent": "The message is sent by the worker.",
    "RepeatedWords": "The function reads the the record.",
    "RiddleSubject": "What was lost is sent.",
    "SpellCheck": "The flurbish reads a record.",
    "StackedPassive": "The files are to be removed.",
    "WordyPhrases": "It reads the record in order to compare.",
}
GOOD = """# Retries

Failed messages return to the queue (partial batch response). The worker deletes each
message that it has processed. `gridwix redrive` sends the messages of a dead-letter queue back to
their queue, which is idempotent.

| code | meaning |
|---|---|
| `what_was_taken_will_be_sent_anew` | code is not prose |
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The rules that each planted text breaks: one run of Harper for all of them."""
    folder = tmp_path_factory.mktemp("prose")
    planted = {rule: f"{sentence}\n" for rule, sentence in BAD.items()} | {"good": GOOD}
    for name, text in planted.items():
        (folder / f"{name}.md").write_text(text)
    rules: dict[str, set[str]] = {name: set() for name in planted}
    for finding in lint([folder / f"{name}.md" for name in planted]):
        rules[finding.path.stem].add(finding.rule)
    return rules


@pytest.mark.parametrize("rule", BAD)
def test_lint_with_a_planted_bad_sentence_names_its_rule(
    found: dict[str, set[str]], rule: str
) -> None:
    assert rule in found[rule]


def test_lint_of_plain_technical_english_finds_nothing(found: dict[str, set[str]]) -> None:
    assert found["good"] == set()


def test_every_house_rule_has_a_planted_sentence() -> None:
    assert {path.stem for path in FOLDER.glob("*.weir")} <= set(BAD)


def test_documents_are_the_readme_its_siblings_the_docs_and_the_template() -> None:
    names = {path.relative_to(FOLDER.parents[1]) for path in documents()}

    assert {
        Path("README.md"),
        Path("CONTRIBUTING.md"),
        Path("CHANGELOG.md"),
        Path("docs/glossary.md"),
        Path("docs/adr/0002-no-stale-overwrite.md"),
        Path("template.yaml"),
    } <= names


def test_words_of_the_dictionary_are_sorted_and_unique() -> None:
    words = (FOLDER / "dictionary.txt").read_text().split()

    # Capitals before small letters: of two forms Harper keeps the later line
    # (findings/harper-dictionary-case.sh), and takes it in capitals, too.
    assert words == sorted(set(words), key=lambda word: (word.lower(), word))


def test_texts_of_the_template_are_linted_at_their_lines(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Alarm:\n"
        "  Properties:\n"
        "    AlarmDescription: The record is read anew (docs/runbook.md#status_publisher)\n"
        "    Threshold: 1\n"
    )

    (finding,) = lint([template])

    assert (finding.path, finding.line, finding.rule) == (template, 3, "HouseTerms")
