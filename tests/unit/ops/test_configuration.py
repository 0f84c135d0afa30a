"""``config/``: what a partner manager can get wrong, and what is said then."""

import shutil
from pathlib import Path

import pytest

from gridwix.runtime.configuration import FILE, configuration
from ops.configuration import FOLDER, ConfigurationFault, compiled, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's own settings."""
    return Path(shutil.copytree(FOLDER, tmp_path / "config"))


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replace a text in a file and return the line that it stood in."""
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def test_layer_holds_what_the_files_say() -> None:
    assert FILE.read_text() == compiled(load()), "run: make config"
    assert configuration() == load()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("labels.yaml", "    new: New", "    new: [New]", "case.status.values.new: input should be a valid string: write a text"),
        ("labels.yaml", "    low: Low", "    low: ''", "write a text that is not empty"),
        ("labels.yaml", "  neutral: Other", "  neutrl: Other", "case.category.neutral: field required: add it (is neutrl meant?)"),
        ("audiences.yaml", '"NO"', "NO", "regions.EMEA.22: input should be a valid string: write a text, in quotes"),
        ("audiences.yaml", "  NA: [US, CA, MX]", "  NA: [USA, CA, MX]", "correct the text"),
        ("forms/partner-question.yaml", "version: 1", "version: 1\nlocale: xx-YY", "locale: xx-YY is no language of a country that Unicode CLDR knows"),
        ("forms/partner-question.yaml", "version: 1", "version: 1\nlocale: german", "locale: string should match pattern"),
        ("forms/partner-question.yaml", "kind: duns", "kind: payment", "the kind payment is not supported: a payment belongs to Wix"),
        (
            "forms/partner-question.yaml",
            "kind: choice, required: true, choices",
            "kind: text, required: true, choices",
            "choices belong to a field of the kind",
        ),
        ("forms/partner-question.yaml", "version: 1", "version: one", "version: input should be a valid integer"),
        ("routing.yaml", "time_zone: America/Chicago", "time_zone: Chicago", "there is no such time zone"),
    ],
)
def test_load_when_something_is_wrong_says_where_and_what_to_do(folder: Path, name: str, old: str, new: str, said: str) -> None:
    line = edit(folder, name, old, new)

    with pytest.raises(ConfigurationFault) as fault:
        load(folder)

    (shown, *_) = [text for text in str(fault.value).splitlines() if said in text]
    assert shown.startswith(str(folder / name))
    assert abs(int(shown.removeprefix(f"{folder / name}:").partition(":")[0]) - line) <= 1


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("forms/partner-question.yaml", "target: company", "target: topic", "two fields have the target topic"),
        (
            "forms/issue-comment.yaml",
            "required: true, max_length: 100, is: case",
            "max_length: 100, is: case",
            "needs a required field of the kind text with is: case",
        ),
        ("forms/issue-comment.yaml", "action: case_comment", "action: case_comment\ntype: support", "a request has a type, and nothing else has"),
        ("forms/partner-question.yaml", "type: support", "action: request", "a request has a type, and nothing else has"),
        ("forms/issue-resolution.yaml", "kind: boolean", "kind: text", "accepted is a field of the kind boolean"),
        ("forms/issue-resolution.yaml", "max_length: 1000, is: comment", "max_length: 2000, is: comment", "a reason of at most 1000 characters"),
        (
            "forms/edi-setup.yaml",
            "    Tests can begin on:",
            "    Tests begin on:",
            "words.de: no title, label, hint or choice of this form reads Tests begin on",
        ),
        ("forms/edi-setup.yaml", "  de:", "  german:", "words.german"),
        ("intake.yaml", "  case_closed:", "  case_open:", "case_open"),
        ("routing.yaml", 'opens: "08:00"', 'opens: "18:00"', "the desk has to open before it closes"),
        ("routing.yaml", "    team: ap-disputes", "    team: ap-dispute", "rule invoice: there is no team ap-dispute"),
        ("routing.yaml", "    team: partner-desk", "    types: [support]\n    team: partner-desk", "the last rule has to fit everything"),
    ],
)
def test_load_when_parts_do_not_fit_together_says_in_which_file_and_why(folder: Path, name: str, old: str, new: str, said: str) -> None:
    edit(folder, name, old, new)

    with pytest.raises(ConfigurationFault, match=said) as fault:
        load(folder)

    assert str(folder / name) in str(fault.value)


def test_load_when_the_yaml_is_broken_says_which_line(folder: Path) -> None:
    line = edit(folder, "labels.yaml", "  neutral: Other", '  neutral: "Other')

    with pytest.raises(ConfigurationFault, match=r"labels.yaml:\d+: .*: correct the YAML") as fault:
        load(folder)

    assert int(str(fault.value).split(":")[1]) >= line


def test_load_when_a_file_is_missing_says_so(folder: Path) -> None:
    (folder / "audiences.yaml").unlink()

    with pytest.raises(ConfigurationFault, match=r"audiences\.yaml: the file is missing: add it"):
        load(folder)


def test_load_when_a_file_has_no_meaning_says_so(folder: Path) -> None:
    (folder / "colours.yaml").write_text("red: 1\n")

    with pytest.raises(ConfigurationFault, match=r"colours\.yaml: no settings have this name"):
        load(folder)
