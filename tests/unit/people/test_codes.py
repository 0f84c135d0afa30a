"""Codes and ids of invitations."""

import hashlib
import re

from gridwix.models.ids import PartnerId
from gridwix.people.codes import code_hash, invitation_code, invitation_id, invitation_link

KEY = b"a key of the stack"
PARTNER = PartnerId("GC070000000101")
ADA = "ada@prairiegold.example"


def test_id_when_person_or_round_differs_then_differs_and_fits_a_wix_item() -> None:
    ids = {
        invitation_id(PARTNER, ADA, 1),
        invitation_id(PARTNER, ADA, 2),
        invitation_id(PARTNER, "bo@prairiegold.example", 1),
        invitation_id(PartnerId("GC070000000102"), ADA, 1),
    }

    assert len(ids) == 4
    assert all(re.fullmatch("[0-9a-f]{40}", identifier) for identifier in ids)
    assert invitation_id(PARTNER, ADA, 1) == invitation_id(PARTNER, ADA, 1)


def test_code_when_derived_twice_then_is_the_same_and_belongs_to_its_key_and_id() -> None:
    identifier, other = invitation_id(PARTNER, ADA, 1), invitation_id(PARTNER, ADA, 2)

    code = invitation_code(KEY, identifier)

    assert re.fullmatch("([A-Z2-7]{4}-){7}[A-Z2-7]{4}", code)
    assert code == invitation_code(KEY, identifier)
    assert code != invitation_code(KEY, other)
    assert code != invitation_code(b"another key", identifier)


def test_hash_of_a_code_when_hyphens_are_missing_then_is_the_same() -> None:
    code = invitation_code(KEY, invitation_id(PARTNER, ADA, 1))
    letters = code.replace("-", "")

    assert code_hash(code) == code_hash(letters)
    assert code_hash(code) == hashlib.sha256(letters.encode()).hexdigest()[:40]


def test_link_when_made_then_has_the_code_where_servers_do_not_log_it() -> None:
    assert (
        invitation_link("https://portal.example/partners", "ABCD-EFGH")
        == "https://portal.example/partners#invitation=ABCDEFGH"
    )
