"""Patterns of paths: named parts, in linear time."""

import time

import pytest

from gridwix_gateway.sources.documents.patterns import InvalidPattern, PathPattern


def test_parts_are_named_whatever_groups_stand_between_them() -> None:
    pattern = PathPattern(
        r"(shared|partners)/(?P<partner>\w+)/(?P<title>.+?)(?: \((?P<lang>..)\))?[.]pdf"
    )

    assert pattern.names == ("partner", "title", "lang")
    assert pattern.match("partners/GC1/Größe (de).pdf") == {
        "partner": "GC1",
        "title": "Größe",
        "lang": "de",
    }
    assert pattern.match("shared/GC1/Guide.pdf") == {"partner": "GC1", "title": "Guide", "lang": ""}


@pytest.mark.parametrize("path", ["x/GC1/a.pdf", "GC1/a.pdf/more", "GC1/a.pdf\n", "", "GC1/b.pdf"])
def test_path_must_match_as_a_whole(path: str) -> None:
    assert PathPattern(r"(?P<partner>GC1)/a[.]pdf").match(path) is None


def test_alternatives_are_matched_as_a_whole_too() -> None:
    pattern = PathPattern("(?P<a>x)|y")

    assert pattern.match("y") == {"a": ""}
    assert pattern.match("xy") is None


@pytest.mark.parametrize("pattern", ["(?P<a>(x*)*)y", "(?P<a>(x|xx)*)y", "(?P<a>(x+x+)+)y"])
def test_pattern_that_explodes_elsewhere_takes_linear_time(pattern: str) -> None:
    found = PathPattern(pattern)
    begun = time.process_time()

    assert found.match("x" * 1024) is None

    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(?P<a>x", r"no regular expression of RE2: missing \)"),
        ("x)|(?P<a>y", "no regular expression of RE2: unexpected "),
        ("(?P<a>x)(?=y)", r"no regular expression of RE2: invalid perl operator: \(\?="),
        (r"(?P<a>x)\1", "no regular expression of RE2: invalid escape sequence"),
        ("(?P<a>(((x{100}){100}){100}))", "no regular expression of RE2"),
        ("(?P<a>x)(?P<a>y)", "two parts have the name a"),
        ("[^/]+/x", "it has no named part, such as"),
        ("(?P<Title>x)", "Title is no name: write small letters"),
        (f"(?P<a>{'x' * 1000})", "it has more than 1,000 characters"),
    ],
)
def test_text_that_is_no_pattern_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(InvalidPattern, match=said):
        PathPattern(text)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (r"(?P<a>[[:alnum:]()]+)/(?P<b>[^/]+)/c[.]pdf", "Guide(s)/GC1/c.pdf"),
        (r"(?P<a>\p{L}+[(]s\pP)/(?P<b>[^/]+)/c[.]pdf", "Größe(s)/GC1/c.pdf"),
        (r"(?P<a>[^])(/]+[(]s[)])/(?P<b>.+)/c\.pdf", "Guide(s)/GC1/c.pdf"),
        (r"(?P<a>\QGuide(s)\E)/(?P<b>GC1)/c\x{2e}pdf", "Guide(s)/GC1/c.pdf"),
        (r"(?i:(?P<a>guide\(s\)))/(?P<b>\w+)/(c)[.]pdf", "Guide(s)/GC1/c.pdf"),
        (r"(?P<a>[\](?P<x>A-z]+[\[[:^alpha:]]s[)])/(?P<b>\w+)/c[.]pdf", "Guide(s)/GC1/c.pdf"),
    ],
)
def test_parts_are_those_of_re2_whatever_brackets_stand_around_them(
    pattern: str, path: str
) -> None:
    assert PathPattern(pattern).match(path) == {"a": path.partition("/")[0], "b": "GC1"}
