"""A row holds the comments that it has room for, and tells how many others there are."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.comments import (
    MAX_ATTACHMENTS,
    MAX_COMMENTS,
    MAX_TEXT,
    conversation,
    last_author_side,
)
from gridwix.mapping.cuts import CUT
from gridwix.models.portal.comments import ShownComment
from gridwix.models.portal.rows import MAX_ROW_BYTES
from gridwix.models.trading_grid.comments import Comment
from tests.factories import NOW, comment


def at(
    minute: int, body: str = "Hello", visibility: str = "public", author: str = "internal"
) -> Comment:
    return comment(f"cmt_{minute:04}", body, visibility, author).model_copy(
        update={"created_at": NOW + timedelta(minutes=minute)}
    )


def test_limit_counts_public_comments_only() -> None:
    said = [at(n, "ours", "internal") for n in range(10, 500)] + [at(n) for n in range(10)]

    found = conversation(said)

    assert (len(found.comments), found.earlier) == (10, None)


def test_row_holds_the_newest_and_says_how_many_are_older() -> None:
    found = conversation([at(n, str(n)) for n in range(MAX_COMMENTS + 7)])

    assert (found.comments[0].text, found.comments[-1].text, found.earlier) == (
        "7",
        str(MAX_COMMENTS + 6),
        7,
    )


def test_whole_comment_of_the_longest_that_the_profile_allows_is_shown() -> None:
    (shown,) = conversation([at(1, "x" * MAX_TEXT)]).comments

    assert (len(shown.text), shown.shortened) == (MAX_TEXT, None)


def test_longer_one_says_that_its_end_is_missing() -> None:
    (shown,) = conversation([at(1, "x" * (MAX_TEXT + 1))]).comments

    assert (len(shown.text), shown.text[-2:], shown.shortened) == (MAX_TEXT, f"x{CUT}", True)


@given(
    st.lists(
        st.tuples(
            st.integers(0, MAX_TEXT),
            st.sampled_from("x李😀"),
            st.sampled_from(["public", "internal", ""]),
        ),
        max_size=60,
    )
)
def test_every_public_comment_is_shown_or_counted_within_the_bytes_of_a_row(
    texts: list[tuple[int, str, str]],
) -> None:
    found = conversation(
        [at(n, letter * length, visibility) for n, (length, letter, visibility) in enumerate(texts)]
    )

    assert len(found.comments) + (found.earlier or 0) == sum(
        visibility == "public" for *_, visibility in texts
    )
    assert sum(len(one.text.encode()) for one in found.comments) <= MAX_ROW_BYTES
    assert found.earlier is None or found.comments


def test_last_word_is_that_of_the_newest_public_comment() -> None:
    assert last_author_side([]) == ""
    assert last_author_side([at(2, author="partner"), at(1)]) == "partner"
    assert (
        last_author_side(
            [at(1, author="partner"), at(2), at(3, visibility="internal", author="partner")]
        )
        == "hub"
    )


def shown(body: str, **more: Any) -> ShownComment:
    (found,) = conversation([comment(body=body, **more)]).comments
    return found


def test_markdown_is_rendered_and_its_text_has_no_marks() -> None:
    found = shown("**Late**: see [the guide](https://a.example/g)\n- 810\n- 856", format="markdown")

    assert found.html == (
        '<p><strong>Late</strong>: see <a href="https://a.example/g"'
        ' rel="noopener noreferrer nofollow">the guide</a></p>\n'
        "<ul>\n<li>810</li>\n<li>856</li>\n</ul>\n"
    )
    assert "**" not in found.text
    assert found.text.split() == ["Late:", "see", "the", "guide", "810", "856"]


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# A", "<h3>A</h3>\n"),
        ("~~old~~ new", "<p><s>old</s> new</p>\n"),
        (
            "|a|b|\n|-|-|\n|1|2|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
            "<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("![Dock 4](https://a.example/d.png)", "<p> Dock 4 </p>\n"),
        ("[call](tel:+15550100)", "<p>call (+15550100)</p>\n"),
        ("<img src=x onerror=x()><script>x()</script>hi", "<p>hi</p>\n"),
        ("[x](javascript:x())", "<p>[x](javascript:x())</p>\n"),
    ],
)
def test_markdown_is_sanitized_like_any_rich_text(body: str, html: str) -> None:
    assert shown(body, format="markdown").html == html


@pytest.mark.parametrize("named", ["text", "html", None])
def test_comment_of_any_other_format_is_plain_text(named: str | None) -> None:
    found = shown("**a** <b>", format=named)

    assert (found.text, found.html) == ("**a** <b>", None)


def test_markdown_whose_html_does_not_fit_says_so() -> None:
    found = shown("- a\n" * (MAX_TEXT // 4), format="markdown")

    assert found.shortened
    assert shown("- a", format="markdown").shortened is None


def test_attachments_are_ids_of_documents_and_further_ones_are_counted() -> None:
    ids = [f"doc_{number}" for number in range(MAX_ATTACHMENTS + 2)]

    assert shown("See", attachments=ids[:1]).attachments == ("doc_0",)
    assert shown("See", attachments=ids).attachments == tuple(ids[:MAX_ATTACHMENTS])
    assert shown("See", attachments=ids).more_attachments == 2
    assert shown("See", attachments=[]).attachments is None


def test_attachment_may_be_an_object_and_the_list_may_be_missing() -> None:
    assert shown("See", attachments=[{"documentId": "doc_1"}, {"id": "doc_2"}]).attachments == (
        "doc_1",
        "doc_2",
    )
    assert shown("See", attachments=None).attachments is None


def test_attachments_of_an_internal_comment_do_not_leave() -> None:
    internal = comment(visibility="internal", attachments=["doc_1"])

    assert conversation([internal]).comments == ()
