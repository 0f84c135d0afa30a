"""Labels and sentences in each language, as partners read them."""

from collections import Counter

from typer.testing import CliRunner

from gridwix.configuration.everything import Configuration
from gridwix.mapping.texts import Texts
from gridwix.runtime.configuration import configuration
from ops.cli import app
from ops.errors import OpsError
from ops.previews.wordings import find_wordings, similar_names, wordings


def without_german(field: str, value: str) -> Configuration:
    document = configuration().model_dump(mode="json")
    del document["labels"][field]["values"][value]["de"]
    return Configuration.model_validate(document)


def test_every_label_and_sentence_is_there_once_in_each_language_and_plural_form() -> None:
    found = list(wordings(configuration()))

    assert max(Counter((one.name, one.language, one.form) for one in found).values()) == 1
    languages = set(configuration().texts.languages)
    names = {one.name for one in found}
    assert len(names) > 200
    assert {(name, language) for name in names for language in languages} == {
        (one.name, one.language) for one in found
    }


def test_label_reads_as_rows_and_messages_show_it() -> None:
    texts = Texts(configuration())

    found = find_wordings(configuration(), "case.status=new")

    assert {one.language: one.text for one in found} == {
        language: texts.label("case.status", "new", language)
        for language in configuration().texts.languages
    }


def test_language_without_a_label_shows_english_and_says_so() -> None:
    changed = without_german("case.status", "new")

    found = {one.language: one for one in find_wordings(changed, "case.status=new")}

    assert (found["de"].text, found["de"].own) == ("New", False)
    assert (found["fr"].text, found["fr"].own) == ("Nouveau", True)
    assert Texts(changed).label("case.status", "new", "de") == "New"


def test_beginning_of_a_name_finds_the_whole_group_and_no_other_group() -> None:
    names = {one.name for one in find_wordings(configuration(), "case.status")}

    assert "case.status" in names
    assert "case.status=new" in names
    assert all(name.startswith("case.status") for name in names)


def test_part_of_a_text_finds_it_in_all_languages() -> None:
    found = find_wordings(configuration(), "wartet auf sie")

    assert {one.name for one in found} >= {"case.status=awaiting_partner"}
    assert {one.language for one in found} == set(configuration().texts.languages)


def test_name_that_does_not_exist_suggests_a_similar_one() -> None:
    assert find_wordings(configuration(), "headline.chek") == []
    assert "headline.check" in similar_names(configuration(), "headline.chek")

    result = CliRunner().invoke(app, ["config", "preview", "text", "headline.chek"])
    assert isinstance(result.exception, OpsError)
    assert "did you mean headline.check" in str(result.exception)


def test_command_prints_a_row_for_each_language() -> None:
    result = CliRunner().invoke(app, ["config", "preview", "text", "case.status=new"])

    assert result.exit_code == 0
    assert all(text in result.output for text in ("New", "Neu", "Nouveau", "Nuevo"))
