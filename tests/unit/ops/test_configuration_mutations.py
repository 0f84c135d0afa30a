"""Mutations of anything in ``config/`` are refused, or accepted and usable.

A refusal is made of sentences with file, line and fix. With what is accepted, the functions can
run. Neither the command nor the functions ever end in a traceback.
"""

import json
import re
from collections.abc import Iterator, MutableMapping, MutableSequence
from copy import deepcopy
from functools import cache
from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridwix.configuration.everything import Configuration
from gridwix.form_intake.business_hours import is_open
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.routing import select_route
from gridwix.mapping.case_rules import matching_rule, new_case
from gridwix.mapping.texts import Texts, catalog
from gridwix.models.ids import PartnerId
from gridwix.models.texts import LabelField, Sentence
from gridwix.models.transactions import Direction, ExceptionKind, TransactionException
from gridwix.partner_messenger.quiet_hours import earliest_sending_time, partner_zone
from ops import backend
from ops.configuration import FOLDER, ConfigurationFault, layer_json
from ops.paths import GATEWAY
from tests.examples import examples
from tests.factories import NOW, partner
from tests.unit.ops.settings_files import examine_with, shipped

FAULT = re.compile(r"config/[^:]*(:\d+)?: .+: .+")

type Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to each value in a file, the whole among them."""
    yield path
    match value:
        case dict():
            for name, one in value.items():
                yield from places(one, (*path, name))
        case list():
            for number, one in enumerate(value):
                yield from places(one, (*path, number))


@cache
def every_place() -> list[tuple[tuple[str, ...], Path]]:
    return [
        (members, path)
        for members, source in shipped().items()
        for path in places(source.file.value)
    ]


def run(found: Configuration) -> None:
    """Use the settings as the functions do, after reading them."""
    read = Configuration.model_validate_json(layer_json(found).encode())
    assert read == found
    labels = Texts(read)
    for field in get_args(LabelField.__value__):
        assert labels.label(field, "whatever") == labels.neutral_label(field)
    for code, said in catalog(read).items():
        assert all(labels.render(Sentence(code=code), language) for language in said)
    for form in read.forms.values():
        read_form_values(form, {field.target: "x" for field in form.fields})
        select_route(form.type, {field.name: "x" for field in form.fields}, NOW, read.routing)
    is_open(read.routing.desk, NOW)
    for kind in ExceptionKind:
        exception = TransactionException(
            "c", kind, "t", "856", None, None, None, "PO-1", None, None, None, None, None, NOW
        )
        new_case(
            PartnerId("GC1"),
            matching_rule(exception, Direction.INBOUND, read.case_rules.rules),
            exception,
            Direction.INBOUND,
            labels,
        )
    earliest_sending_time(read.messaging.quiet_hours, partner_zone(partner(), read.messaging), NOW)
    for text in backend.generate_modules(read).values():
        text.encode()


def refused_or_runs(members: tuple[str, ...], content: bytes) -> bool:
    """Return whether it was accepted; anything but a refusal in sentences fails."""
    try:
        examined = examine_with({f"{'/'.join(members)}.yaml": content})
    except ConfigurationFault as fault:
        assert all(FAULT.fullmatch(line) for line in str(fault).splitlines()), str(fault)
        assert str(fault)
        return False
    run(examined.configuration)
    return True


RAW = [
    *(
        "2026-02-30",
        "2026-11-26",
        "2026-11-26 10:00:00",
        "8:00",
        "08:00",
        "17:00",
        "25:00",
        "190:20:30",
        "480",
        "0",
        "-1",
        "1e3",
        "1.5",
        "0x1F",
        "0o17",
        "010",
    ),
    *(
        "1_000",
        "99999999999999999999",
        "9" * 5_000,
        ".inf",
        ".nan",
        "~",
        "null",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "''",
        "' '",
        '"\\0"',
        '"\\ud800"',
        '"\\e[31m"',
    ),
    *(
        '"a\\nb"',
        "[]",
        "{}",
        "[a, b]",
        "{a: 1}",
        "[[[[]]]]",
        "&a [*a]",
        "*nothing",
        "<<",
        "=",
        "{<<: {a: 1}}",
        "{a: 1, a: 2}",
        "? [1]",
        "@x",
        "`x`",
        "%x",
        "'",
        '"',
    ),
    *(
        "!!python/name:os.system x",
        "!!set {a}",
        "!!binary eA==",
        "!!int x",
        "!!timestamp 2026-02-30",
        "{{ record.title",
        "{% for x in record %}",
        "{document",
    ),
    *(
        "{reference.__class__}",
        "America/Chicago",
        "Mars/Olympus",
        "../zones",
        "de",
        "DE",
        "https://",
        "x" * 400,
    ),
]
"""Values that people write, some of which YAML reads as something else."""

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates().map(str)
    | st.times().map(str)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=10) | st.sampled_from(["a", "850"]), inner, max_size=3)
    ),
    max_leaves=5,
)
MARK = "REPLACED-BY-THE-TEST"
DUMPER = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper
"""The one in C writes a file of settings 20 times as fast."""


def replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    changed = deepcopy(value)
    inner: MutableMapping[str, Any] | MutableSequence[Any] = changed
    for step in path[:-1]:
        inner = inner[step]  # type: ignore[index]
    inner[path[-1]] = new  # type: ignore[index]
    return changed


def dumped(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=DUMPER, allow_unicode=True, sort_keys=False)
    return text


PLACES = st.sampled_from(every_place())


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES, st.sampled_from(RAW))
@example((("routing",), ("desk", "holidays", 0)), "2026-02-30")
@example((("routing",), ("desk", "opens")), "8:00")
@example((("messaging",), ("digest_at",)), "8:00")
@example((("documents",), ("types", 0)), "pdff")
def test_what_people_write_in_place_of_a_value_is_refused_in_sentences_or_runs(
    place: tuple[tuple[str, ...], Path], raw: str
) -> None:
    members, path = place
    text = dumped(replaced(shipped()[members].file.value, path, MARK))

    refused_or_runs(members, text.replace(MARK, raw).encode("utf-8", "surrogatepass"))


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES, ANYTHING)
def test_any_value_in_place_of_another_is_refused_in_sentences_or_runs(
    place: tuple[tuple[str, ...], Path], new: Any
) -> None:
    members, path = place

    refused_or_runs(members, dumped(replaced(shipped()[members].file.value, path, new)).encode())


@settings(max_examples=examples(13), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES, PLACES)
def test_a_value_of_elsewhere_is_refused_in_sentences_or_runs(
    place: tuple[tuple[str, ...], Path], other: tuple[tuple[str, ...], Path]
) -> None:
    members, path = place
    new = shipped()[other[0]].file.value
    for step in other[1]:
        new = new[step]

    refused_or_runs(members, dumped(replaced(shipped()[members].file.value, path, new)).encode())


@settings(max_examples=examples(13), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    PLACES.filter(lambda place: isinstance((*place[1], 0)[-2], str) if place[1] else False),
    st.text(max_size=15) | st.sampled_from(["850", "no", "<<", "~", "case.stattus"]),
)
def test_a_name_that_is_misspelled_is_refused_in_sentences_or_runs(
    place: tuple[tuple[str, ...], Path], name: str
) -> None:
    members, path = place
    value = deepcopy(shipped()[members].file.value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[name] = inner.pop(path[-1])

    refused_or_runs(members, dumped(value).encode())


@pytest.mark.parametrize("group", shipped()[("labels",)].file.value)
def test_group_of_labels_that_is_missing_is_refused_or_runs(group: str) -> None:
    labels = deepcopy(shipped()[("labels",)].file.value)
    del labels[group]

    refused_or_runs(("labels",), dumped(labels).encode())


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        sorted(
            path for path in FOLDER.rglob("*.yaml") if path.relative_to(FOLDER).parts[0] != GATEWAY
        )
    ),
    st.integers(min_value=0),
    st.text(alphabet="a:-[]{}&*!'\"#\n\t @%|>", min_size=1, max_size=3),
    st.integers(0, 5),
)
def test_a_file_that_somebody_has_typed_into_is_refused_in_sentences_or_runs(
    path: Any, at: int, typed: str, lost: int
) -> None:
    text = path.read_text()
    at %= len(text)

    refused_or_runs(
        path.relative_to(FOLDER).with_suffix("").parts,
        (text[:at] + typed + text[at + lost :]).encode(),
    )


def test_mutations_reach_every_file_and_the_shipped_settings_run() -> None:
    assert {members for members, _ in every_place()} == set(shipped())
    assert len(every_place()) > 900
    assert all(
        refused_or_runs(members, dumped(source.file.value).encode())
        for members, source in shipped().items()
    )
    with pytest.raises(ConfigurationFault, match="did you mean case"):
        examine_with(
            {
                "labels.yaml": json.dumps(
                    {
                        **shipped()[("labels",)].file.value,
                        "case.stattus": {"neutral": "x", "values": {}},
                    }
                ).encode()
            }
        )
