"""A row holds the comments that it has room for, and tells how many others there are."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.comments import (
    MAX_BYTES,
    MAX_COMMENTS,
    MAX_TEXT,
    conversation,
    last_author_side,
)
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

    assert (len(shown.text), shown.shortened) == (MAX_TEXT, True)


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
    assert sum(len(one.text.encode()) for one in found.comments) <= MAX_BYTES
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
