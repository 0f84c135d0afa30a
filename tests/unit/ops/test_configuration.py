"""``config/``: what a partner manager can get wrong, and what is said then."""

import re
import shutil
from datetime import time
from pathlib import Path

import pytest

from gridwix.configuration.everything import Configuration
from gridwix.runtime.configuration import FILE, configuration
from ops.configuration import FOLDER, ConfigurationFault, layer_json, load_configuration, main


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
    assert FILE.read_text() == layer_json(load_configuration()), "run: make config"
    assert configuration() == load_configuration()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "labels.yaml",
            "    new: {en: New, de: Neu, fr: Nouveau, es: Nuevo}",
            "    new: [New]",
            "case.status.values.new: input should be a valid string: write a text",
        ),
        (
            "labels.yaml",
            "    low: {en: Low, de: Niedrig, fr: Faible, es: Baja}",
            "    low: ''",
            "write a text that is not empty",
        ),
        (
            "labels.yaml",
            "  neutral: {en: Other, de: Sonstiges, fr: Autre, es: Otro}",
            "  neutrl: Other",
            "case.category.neutral: field required: add it (is neutrl meant?)",
        ),
        (
            "labels.yaml",
            "    new: {en: New, de: Neu, fr: Nouveau, es: Nuevo}",
            "    new: {de: Neu}",
            "case.status.values.new: value error, there is no text in en",
        ),
        (
            "labels.yaml",
            "    new: {en: New, de: Neu, fr: Nouveau, es: Nuevo}",
            "    new: {en: New, german: Neu}",
            "case.status.values.new.german: string should match pattern",
        ),
        (
            "texts.yaml",
            "languages: [en, de, fr, es]",
            "languages: [de]",
            "languages: value error, en has to be among them",
        ),
        (
            "texts.yaml",
            'en: {one: "{count} case is being worked on",',
            'en: {single: "{count} case is being worked on",',
            "headline.working.en.single: extra inputs",
        ),
        (
            "case_rules.yaml",
            "{document} zu {reference} wurde abgelehnt",
            "{beleg} wurde abgelehnt",
            "{beleg} is not known; known are {document}, {reference}",
        ),
        (
            "intake.yaml",
            "    en: Please say what is still wrong",
            "    it: Please say what is still wrong",
            "refusals.reason_missing: value error, there is no text in en",
        ),
        (
            "audiences.yaml",
            '"NO"',
            "NO",
            "regions.EMEA.22: input should be a valid string: write a text, in quotes",
        ),
        ("audiences.yaml", "  NA: [US, CA, MX]", "  NA: [USA, CA, MX]", "correct the text"),
        (
            "forms/partner-question.yaml",
            "version: 1",
            "version: 1\nlocale: xx-YY",
            "locale: xx-YY is no language of a country that Unicode CLDR knows",
        ),
        (
            "forms/partner-question.yaml",
            "version: 1",
            "version: 1\nlocale: german",
            "locale: string should match pattern",
        ),
        (
            "forms/partner-question.yaml",
            "label: D-U-N-S number, kind: text",
            "label: D-U-N-S number, kind: payment",
            "the kind payment is not supported: a payment belongs to Wix",
        ),
        (
            "forms/partner-question.yaml",
            "kind: choice, required: true, choices",
            "kind: text, required: true, choices",
            "choices belong to a field of the kind",
        ),
        (
            "forms/partner-question.yaml",
            "version: 1",
            "version: one",
            "version: input should be a valid integer",
        ),
        (
            "routing.yaml",
            "time_zone: America/Chicago",
            "time_zone: Chicago",
            "there is no such time zone",
        ),
        (
            "routing.yaml",
            "2026-11-26,",
            "2026-02-30,",
            "desk.holidays.0: there is no such day in the calendar: write a valid date",
        ),
        (
            "routing.yaml",
            "2026-11-26,",
            "26.11.2026,",
            "desk.holidays.0: there is no such day in the calendar",
        ),
        (
            "routing.yaml",
            "2026-11-26,",
            "2026-11-26 10:00,",
            "desk.holidays.0: there is no such day in the calendar",
        ),
        (
            "routing.yaml",
            "2026-11-26,",
            "0,",
            "desk.holidays.0: there is no such day in the calendar",
        ),
        (
            "routing.yaml",
            'opens: "08:00"',
            "opens: 8:00",
            (
                "desk.opens: this is no time of day: write hours and minutes with two digits each,"
                ' in quotes: "08:00"'
            ),
        ),
        ("routing.yaml", 'opens: "08:00"', "opens: 480", "desk.opens: this is no time of day"),
        ("routing.yaml", 'opens: "08:00"', 'opens: "08:00Z"', "desk.opens: this is no time of day"),
        ("routing.yaml", 'opens: "08:00"', "opens: true", "desk.opens: this is no time of day"),
        (
            "routing.yaml",
            'closes: "17:00"',
            'closes: "24:00"',
            "desk.closes: this is no time of day",
        ),
        ("routing.yaml", "days: [mon, tue", "days: [mon, tues", "(did you mean tue?)"),
        (
            "routing.yaml",
            "due_in_business_hours: 24",
            "due_in_business_hours: true",
            "due_in_business_hours: input should be a valid integer: write a whole number",
        ),
        (
            "routing.yaml",
            "due_in_business_hours: 24",
            'due_in_business_hours: "24"',
            "due_in_business_hours: input should be a valid integer",
        ),
        (
            "routing.yaml",
            "  closes:",
            "  opens:",
            "opens is duplicated, first in line 11: remove one of the two",
        ),
        (
            "messaging.yaml",
            'digest_at: "08:00"',
            "digest_at: 8:00",
            "digest_at: this is no time of day",
        ),
        (
            "messaging.yaml",
            'begins: "20:00"',
            "begins: [20]",
            "quiet_hours.begins: this is no time of day",
        ),
        (
            "campaigns/notice-major.yaml",
            "quiet_hours: false",
            'quiet_hours: "no"',
            "quiet_hours: input should be a valid boolean: write true or false",
        ),
    ],
)
def test_load_when_something_is_wrong_says_where_and_what_to_do(
    folder: Path, name: str, old: str, new: str, said: str
) -> None:
    line = edit(folder, name, old, new)

    with pytest.raises(ConfigurationFault) as fault:
        load_configuration(folder)

    (shown, *_) = [text for text in str(fault.value).splitlines() if said in text]
    assert shown.startswith(str(folder / name))
    assert abs(int(shown.removeprefix(f"{folder / name}:").partition(":")[0]) - line) <= 1


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("texts.yaml", "  headline.passed:", "  headline.past:", "headline.past is no sentence"),
        (
            "texts.yaml",
            (
                "  headline.nothing: {en: No action needed, de: Zurzeit ist nichts zu tun,"
                " fr: Aucune action requise, es: No se necesita ninguna acción}\n"
            ),
            "",
            "there is no sentence for headline.nothing",
        ),
        (
            "texts.yaml",
            'de: "Ihre Antwort wird gebraucht: {subject}"',
            'de: "Antwort: {title}"',
            r"headline\.answer\.de: \{title\} is not known; known are \{subject\}",
        ),
        (
            "texts.yaml",
            "{en: Document, de: Beleg, fr: Document, es: Documento}",
            '{en: "Document {", de: Beleg}',
            r"affected\.unnamed\.en: a brace is not closed",
        ),
        (
            "forms/partner-question.yaml",
            "target: company",
            "target: topic",
            "two fields have the target topic",
        ),
        (
            "forms/issue-comment.yaml",
            "required: true, max_length: 100, is: case",
            "max_length: 100, is: case",
            "needs a required field of the kind text with is: case",
        ),
        (
            "forms/issue-comment.yaml",
            "action: case_comment",
            "action: case_comment\ntype: support",
            "a request has a type, and nothing else has",
        ),
        (
            "forms/partner-question.yaml",
            "type: support",
            "action: request",
            "a request has a type, and nothing else has",
        ),
        (
            "forms/issue-resolution.yaml",
            "kind: boolean",
            "kind: text",
            "is: accepted is for a field of the kind boolean",
        ),
        (
            "forms/issue-resolution.yaml",
            "max_length: 1000, is: comment",
            "max_length: 2000, is: comment",
            "a reason of at most 1000 characters",
        ),
        (
            "forms/edi-setup.yaml",
            "    Tests can begin on:",
            "    Tests begin on:",
            "words.de: no title, label, hint or choice of this form reads Tests begin on",
        ),
        ("forms/edi-setup.yaml", "  de:", "  german:", "words.german"),
        ("intake.yaml", "  case_closed:", "  case_open:", "case_open"),
        (
            "intake.yaml",
            "  types: [pdf,",
            "  types: [xlsm,",
            "types: xlsm has macros, which are not taken: remove it, or say macros: true",
        ),
        ("documents.yaml", "types: [pdf,", "types: [xlsm,", "types: xlsm has macros"),
        ("documents.yaml", "  web_page:", "  webpage:", "webpage"),
        (
            "routing.yaml",
            'opens: "08:00"',
            'opens: "18:00"',
            "the desk opens at 18:00 and closes at 17:00: give an earlier opens",
        ),
        (
            "routing.yaml",
            "    team: ap-disputes",
            "    team: ap-dispute",
            "rule invoice: there is no team ap-dispute",
        ),
        (
            "routing.yaml",
            "    team: partner-desk",
            "    types: [support]\n    team: partner-desk",
            "has to fit everything: remove its",
        ),
    ],
)
def test_load_when_parts_do_not_fit_together_says_in_which_file_and_why(
    folder: Path, name: str, old: str, new: str, said: str
) -> None:
    edit(folder, name, old, new)

    with pytest.raises(ConfigurationFault, match=said) as fault:
        load_configuration(folder)

    assert str(folder / name) in str(fault.value)


def test_time_of_day_without_quotes_is_what_it_says(folder: Path) -> None:
    """YAML 1.1 has 17:30 for 1050, which was taken for 17 minutes past midnight, in UTC."""
    edit(folder, "routing.yaml", 'closes: "17:00"', "closes: 17:30")

    assert load_configuration(folder).routing.desk.closes == time(17, 30)


def test_load_tells_everything_that_is_wrong_at_once(folder: Path) -> None:
    edit(folder, "routing.yaml", 'opens: "08:00"', "opens: 8:00")
    edit(
        folder,
        "labels.yaml",
        "    low: {en: Low, de: Niedrig, fr: Faible, es: Baja}",
        "    low: ''",
    )
    (folder / "campaigns/more.yml").write_text("name: x\n")

    with pytest.raises(ConfigurationFault) as first:
        load_configuration(folder)
    (folder / "campaigns/more.yml").unlink()
    with pytest.raises(ConfigurationFault) as second:
        load_configuration(folder)

    assert (
        str(first.value)
        == f"{folder}/campaigns/more.yml: it is not read: rename it to more.yaml, or remove it"
    )
    assert len(str(second.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("campaigns/more.yml", "it is not read: rename it to more.yaml, or remove it"),
        ("routing.YAML", "it is not read: rename it to routing.yaml, or remove it"),
        (
            "forms/old/form.yaml",
            "it is not read here: put it into config/campaigns/ or config/forms/, or remove it",
        ),
        ("routing/more.yaml", "it is not read here"),
        ("forms.yaml", "it is not read here"),
        ("label.yaml", "no settings have this name (did you mean labels?): rename or remove it"),
    ],
)
def test_load_when_a_file_would_not_be_read_says_so(folder: Path, name: str, said: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("a: 1\n")

    with pytest.raises(ConfigurationFault) as fault:
        load_configuration(folder)

    assert str(fault.value).startswith(f"{folder / name}: {said}")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# nothing\n",
        b"\xff\xfe\xff",
        b"a: \x00",
        pytest.param(b"[" * 5_000, id="deep"),
        b"&a [*a]",
        b"- 1",
        b"5",
        b"~",
        b"a: !!python/name:os.system",
    ],
)
@pytest.mark.parametrize(
    "name", ["labels.yaml", "routing.yaml", "forms/edi-setup.yaml", "campaigns/case-opened.yaml"]
)
def test_load_when_a_file_is_something_else_altogether_says_in_which_line(
    folder: Path, name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)

    with pytest.raises(ConfigurationFault) as fault:
        load_configuration(folder)

    assert all(
        re.match(rf"{re.escape(str(folder))}/.+\.yaml:\d+: .+: .+", line)
        for line in str(fault.value).splitlines()
    )


def test_make_config_prints_faults_as_sentences_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = edit(folder, "routing.yaml", "2026-11-26,", "2026-02-30,")
    monkeypatch.setattr("ops.configuration.FOLDER", folder)
    monkeypatch.setattr("ops.configuration.FILE", folder / "never.json")

    assert main() == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(
        f"{folder}/routing.yaml:{line}: desk.holidays.0: there is no such day in the calendar: "
    )
    assert not (folder / "never.json").exists()


def test_make_config_prints_warnings_and_does_its_work(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = edit(folder, "audiences.yaml", "  EU: [AT", "  EUU: [AT")
    monkeypatch.setattr("ops.configuration.FOLDER", folder)
    monkeypatch.setattr("ops.configuration.FILE", folder / "written.json")
    monkeypatch.setattr("ops.configuration.backend.write_modules", lambda _: None)

    assert main() == 0

    assert capsys.readouterr().err.startswith(
        f"warning: {folder}/audiences.yaml:{line}: EUU is none of the profile's regions"
    )
    assert (
        "EUU"
        in Configuration.model_validate_json(
            (folder / "written.json").read_bytes()
        ).audiences.regions
    )


def test_load_when_the_yaml_is_broken_says_which_line(folder: Path) -> None:
    line = edit(
        folder,
        "labels.yaml",
        "  neutral: {en: Other, de: Sonstiges, fr: Autre, es: Otro}",
        '  neutral: "Other',
    )

    with pytest.raises(ConfigurationFault, match=r"labels.yaml:\d+: .*: correct the YAML") as fault:
        load_configuration(folder)

    assert int(str(fault.value).split(":")[1]) >= line


def test_load_when_a_file_is_missing_says_so(folder: Path) -> None:
    (folder / "audiences.yaml").unlink()

    with pytest.raises(ConfigurationFault, match=r"audiences\.yaml: the file is missing: add it"):
        load_configuration(folder)


def test_load_when_a_file_has_no_meaning_says_so(folder: Path) -> None:
    (folder / "colours.yaml").write_text("red: 1\n")

    with pytest.raises(ConfigurationFault, match=r"colours\.yaml: no settings have this name"):
        load_configuration(folder)
