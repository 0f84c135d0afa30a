"""The transfer's state machine: every state with every transition, as its docstring says."""

import inspect
import json
from collections.abc import Callable, Mapping

import pytest

from gridwix.document_sync.transfers import (
    Arrival,
    FileIdentity,
    InvalidTransition,
    LateUpload,
    PortalFile,
    Transfer,
    TransferState,
)

CONTENT = FileIdentity(version=2, sha256="b" * 64, private=True)
FORMER = PortalFile(version=1, sha256="a" * 64, private=True, file_id="former")

IDLE = Transfer(document_id="doc_1", shown=FORMER, revision=3, edition=2, published=2)
COPYING = IDLE.start_copy(CONTENT, now=1.0, until=331.0)

LATE = LateUpload(version=2, sha256="b" * 64, private=True, begun=1.0, search_at=991.0)

IN_STATE: Mapping[TransferState, Transfer] = {
    TransferState.IDLE: IDLE,
    TransferState.COPYING: COPYING,
    TransferState.UNCONFIRMED: COPYING.release_copy(),
    TransferState.UPLOADED: COPYING.confirm_upload("new"),
}

TRANSITIONS: Mapping[str, Callable[[Transfer], Transfer]] = {
    "start_copy": lambda transfer: transfer.start_copy(CONTENT, now=2.0, until=332.0),
    "release_copy": lambda transfer: transfer.release_copy(),
    "await_upload": lambda transfer: transfer.await_upload(61.0),
    "search_later": lambda transfer: transfer.search_later(991.0),
    "confirm_upload": lambda transfer: transfer.confirm_upload("new"),
    "discard_arrival": lambda transfer: transfer.discard_arrival(),
    "switch_to_arrived": lambda transfer: transfer.switch_to_arrived(),
    "refuse": lambda transfer: transfer.refuse("infected"),
    "show": lambda transfer: transfer.show(None, "infected"),
    "mark_lost": lambda transfer: transfer.mark_lost(),
    "settle": lambda transfer: transfer.settle(),
    "give_up_row": lambda transfer: transfer.give_up_row(),
    "end_search": lambda transfer: transfer.end_search(LATE, ["found"]),
}


def documented_table() -> dict[str, dict[TransferState, str]]:
    """The table in the docstring of ``Transfer``: the next state by transition and state."""
    lines = [line.split() for line in (inspect.getdoc(Transfer) or "").splitlines()]
    header = next(index for index, words in enumerate(lines) if words[:1] == ["method"])
    states = [TransferState(word) for word in lines[header][1:]]
    rows = lines[header + 2 :]
    end = next(index for index, words in enumerate(rows) if words[0].startswith("="))
    return {name: dict(zip(states, following, strict=True)) for name, *following in rows[:end]}


def test_table_has_every_state_and_every_method_that_changes_a_transfer() -> None:
    own = {
        name
        for name, method in vars(Transfer).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    table = documented_table()

    assert set(table) == set(TRANSITIONS) == own - {"is_held", "is_due", "searches_due"}
    assert all(set(row) == set(TransferState) for row in table.values())


@pytest.mark.parametrize("state", TransferState)
def test_transfers_of_this_test_are_in_their_states(state: TransferState) -> None:
    assert IN_STATE[state].state is state


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("name", TRANSITIONS)
def test_transition_leads_to_the_state_of_the_table_or_is_refused(
    name: str, state: TransferState
) -> None:
    before = IN_STATE[state]
    expected = documented_table()[name][state]

    if expected == "-":
        with pytest.raises(InvalidTransition, match=f"not while {state}"):
            TRANSITIONS[name](before)
    else:
        assert TRANSITIONS[name](before).state == expected


@pytest.mark.parametrize("state", TransferState)
def test_lease_lasts_only_while_copying(state: TransferState) -> None:
    transfer = IN_STATE[state]

    assert (transfer.is_held(330.9), transfer.is_held(331.0)) == (
        state is TransferState.COPYING,
        False,
    )


@pytest.mark.parametrize(
    ("after", "shown", "leaving", "fault", "edition"),
    [
        (IN_STATE[TransferState.UPLOADED].switch_to_arrived(), "new", ("former",), "", 3),
        (IN_STATE[TransferState.UPLOADED].refuse("failed"), "former", ("new",), "failed", 3),
        (IN_STATE[TransferState.UPLOADED].discard_arrival(), "former", ("new",), "", 2),
        (COPYING.refuse("infected"), "former", (), "infected", 3),
        (
            IN_STATE[TransferState.UNCONFIRMED].discard_arrival(["one", "two"]),
            "former",
            ("one", "two"),
            "",
            2,
        ),
        (
            IN_STATE[TransferState.UNCONFIRMED].confirm_upload("one", ["two"]),
            "former",
            ("two",),
            "",
            2,
        ),
        (IDLE.mark_lost(), None, ("former",), "", 3),
        (IDLE.show(FORMER), "former", (), "", 2),
        (IDLE.show(FORMER.model_copy(update={"version": 2})), "former", (), "", 3),
    ],
)
def test_file_that_is_no_longer_wanted_leaves_and_the_edition_grows_with_what_the_row_shows(
    after: Transfer, shown: str | None, leaving: tuple[str, ...], fault: str, edition: int
) -> None:
    assert (
        after.shown.file_id if after.shown else None,
        after.leaving,
        after.fault,
        after.edition,
    ) == (shown, leaving, fault, edition)


@pytest.mark.parametrize(
    ("transfer", "is_unfinished"),
    [
        (Transfer(document_id="doc_1"), False),
        (IDLE, False),
        (COPYING, True),
        (IN_STATE[TransferState.UNCONFIRMED], True),
        (IN_STATE[TransferState.UPLOADED], True),
        (IDLE.mark_lost(), True),
        (IDLE.mark_lost().settle(), False),
    ],
)
def test_transfer_is_unfinished_until_it_is_settled(
    transfer: Transfer, is_unfinished: bool
) -> None:
    assert transfer.is_unfinished is is_unfinished


def test_stored_form_stays_readable() -> None:
    """The transfer table holds this JSON: a change of it needs a migration."""
    stored = {
        "document_id": "doc_1",
        "revision": 3,
        "edition": 2,
        "published": 1,
        "refused": 1,
        "shown": {"version": 1, "sha256": "a" * 64, "private": True, "file_id": "former"},
        "arriving": {
            "version": 2,
            "sha256": "b" * 64,
            "private": True,
            "begun": 1.0,
            "file_id": "",
        },
        "late": [
            {"version": 1, "sha256": "c" * 64, "private": True, "begun": 0.5, "search_at": 991.0}
        ],
        "leaving": ["older"],
        "still_shown": "",
        "fault": "infected",
        "held_until": 331.0,
    }

    transfer = Transfer.model_validate_json(json.dumps(stored))

    assert transfer.arriving == Arrival(**CONTENT.model_dump(), begun=1.0)
    assert json.loads(transfer.model_dump_json()) == stored
    assert list(json.loads(transfer.model_dump_json())) == list(stored)
