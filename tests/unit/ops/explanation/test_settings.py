"""Every setting of ``config/`` can be named and changed, and is found in its file."""

import json

import pytest
import yaml

from gridwix.configuration.everything import Configuration
from gridwix.runtime.configuration import configuration
from ops.configuration import layer_json
from ops.explanation.settings import MARK, Setting, change_settings, list_settings
from ops.paths import ROOT

TEXTS = [
    ("labels", "case.status", "values", "open"),
    ("labels", "case.status", "neutral"),
    ("texts", "sentences", "headline.checks"),
    ("intake", "refusals", "case_closed"),
    ("documents", "problems", "conflict"),
    ("routing", "teams", "edi-support"),
]


def test_settings_are_distinct_and_cover_every_file() -> None:
    found = list_settings(configuration())

    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "config").rglob("*.yaml")}
    assert len(found) == len(set(found))
    assert {one.file for one in found} == {
        file for file in files if not file.startswith("config/gateway/")
    }


def test_each_setting_changes_the_configuration_and_nothing_else() -> None:
    now = configuration()

    for setting in list_settings(now):
        changed = change_settings(now, [setting])

        head, *_ = setting.path
        assert getattr(changed, head) != getattr(now, head), setting
        others = set(Configuration.model_fields) - {head}
        assert all(getattr(changed, name) is getattr(now, name) for name in others)


def test_no_settings_leave_the_configuration_as_it_is() -> None:
    assert change_settings(configuration(), []) is configuration()


def test_settings_of_two_files_change_together() -> None:
    both = [Setting(TEXTS[0]), Setting(TEXTS[3])]

    changed = change_settings(configuration(), both)

    assert changed == change_settings(change_settings(configuration(), both[:1]), both[1:])


@pytest.mark.parametrize("path", TEXTS)
def test_text_is_changed_as_if_its_file_had_been(path: tuple[str, ...]) -> None:
    setting = Setting(path)
    document = json.loads(layer_json(configuration()))
    inside = document
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = json.loads(
        json.dumps(inside[path[-1]], ensure_ascii=False),
        object_hook=lambda texts: {
            name: MARK + text if isinstance(text, str) else text for name, text in texts.items()
        },
    )

    changed = change_settings(configuration(), [setting])

    assert Configuration.model_validate_json(json.dumps(document)) == changed


@pytest.mark.parametrize(
    ("path", "file", "key"),
    [
        (TEXTS[0], "config/labels.yaml", "case.status.values.open"),
        (
            ("case_rules", "rules", "ship_notice_rejected", "next_step"),
            "config/case_rules.yaml",
            "rules.ship_notice_rejected.next_step",
        ),
        (("campaigns", "case-opened", "texts"), "config/campaigns/case-opened.yaml", "texts"),
    ],
)
def test_setting_is_named_by_its_file_and_key(path: tuple[str, ...], file: str, key: str) -> None:
    setting = Setting(path)

    assert (setting.file, setting.key) == (file, key)
    assert isinstance(yaml.safe_load((ROOT / file).read_text()), dict)
