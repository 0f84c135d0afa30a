"""YAML as people write it: what is read, and that every fault has its line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.yaml_files import MAX_BYTES, MAX_DEPTH, MAX_VALUES, YamlFault, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 2026-02-30", {"a": "2026-02-30"}),
        ("a: 2026-11-26", {"a": "2026-11-26"}),
        ("a: 8:00", {"a": "8:00"}),
        ("a: 17:00", {"a": "17:00"}),
        ("850: x\nno: y\n~: z", {"850": "x", "no": "y", "~": "z"}),
        (
            "a: no\nb: 010\nc: 1_000\nd: ~\ne: 1.5",
            {"a": False, "b": 8, "c": 1000, "d": None, "e": 1.5},
        ),
        ("a: &x {k: 1}\nb: *x", {"a": {"k": 1}, "b": {"k": 1}}),
        ("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}", {"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}}),
        ("a: '<<'\nb: [<<, =]", {"a": "<<", "b": ["<<", "="]}),
        ("a: ä".encode("utf-16"), {"a": "ä"}),
        ("\ufeffa: ä", {"a": "ä"}),
    ],
)
def test_what_a_person_means_is_read(text: str | bytes, value: Any) -> None:
    read = read_yaml(text if isinstance(text, bytes) else text.encode())

    assert (read.value, read.faults) == (value, ())


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "the file is empty"),
        ("# nothing\n", 1, "the file is empty"),
        ("a: 1\nb: 2\na: 3", 3, "a is duplicated, first in line 1"),
        ("a:\n  - [\n", 3, "while parsing|expected"),
        ("a: 'x\n", 2, "found unexpected end of stream"),
        ("a: 1\n--- \nb: 2", 2, "but found another document"),
        (
            "a: 1\nb: !!python/object:os.system x",
            2,
            "python/object:os.system is no supported type of value",
        ),
        ("a: !!set {x}", 1, "set is no supported type of value"),
        ("a: !!binary x", 1, "binary is no supported type of value"),
        ("a: !!int x", 1, "this is no int"),
        ("a: !!int ''", 1, "this is no int"),
        ("a: !!bool x", 1, "this is no bool"),
        ("a: " + "9" * 5_000, 1, "this is no int"),
        ("a: 0x" + "f" * 50, 1, "number is out of range"),
        ("a: .inf", 1, "number is out of range"),
        ("a: .nan", 1, "number is out of range"),
        ("a: &x [*x]", 1, f"nested more than {MAX_DEPTH} levels deep, or in itself"),
        ("a: &x {<<: *x}", 1, "in itself"),
        ("a: " + "[" * 60 + "]" * 60, 1, "nested more than"),
        ("[" * 100_000, 1, "nested more than"),
        ("a: {<<: 5}", 1, "only pairs can be merged in"),
        ("[1]: 2", 1, "a name must be a text"),
        ('a: 1\nb: "\\ud800"', 2, "half a surrogate pair"),
        ("a: 1\nb: \x01", 2, "special characters are not allowed"),
        (b"a: 1\nb: \xff", 2, "invalid start byte"),
        ("a: *x", 1, "found undefined alias 'x'"),
        ("&a [" + ", ".join(["1"] * 400) + "]", 0, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str | bytes, line: int, said: str) -> None:
    faults = read_yaml(text if isinstance(text, bytes) else text.encode()).faults

    if line == 0:
        assert faults == ()
        return
    assert line in {fault.line for fault in faults}
    assert any(part in fault.said for fault in faults for part in said.split("|")), faults
    assert all(fault.fix for fault in faults)


def test_file_that_grows_by_its_anchors_is_stopped() -> None:
    lines = [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)),
    ]

    faults = read_yaml("\n".join(lines).encode()).faults

    assert [fault.said for fault in faults] == [f"the file has more than {MAX_VALUES:,} values"]


def test_file_that_is_too_large_is_not_parsed() -> None:
    assert read_yaml(b"#" * (MAX_BYTES + 1)).faults == (
        YamlFault(1, "the file has more than 1,000,000 bytes", "make it shorter"),
    )


@given(st.text() | st.text(alphabet="a1:-[]{}&*!<>|'\"#%@ \n0_.xTZno~"))
def test_no_text_is_an_exception(text: str) -> None:
    read = read_yaml(text.encode("utf-8", "surrogatepass"))

    assert all(fault.line >= 1 and fault.said and fault.fix for fault in read.faults)


@given(st.binary())
def test_no_bytes_are_an_exception(content: bytes) -> None:
    read_yaml(content)
