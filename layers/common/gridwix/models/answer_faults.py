"""Validation faults of form answers: codes, and their wording in the default language."""

from collections.abc import Mapping

ANSWER_FAULTS: Mapping[str, str | tuple[str, str]] = {
    "missing": "is missing",
    "not_text": "is not a text",
    "too_long": "is longer than {most} characters",
    "bad_characters": "holds characters that are no text",
    "not_email": "is not an e-mail address",
    "not_url": "is not a web address",
    "not_phone": "is not a telephone number",
    "phone_without_country": (
        "is a telephone number without a country code: write it like +49 30 123456"
    ),
    "not_number": "is not a number",
    "either_number": "can be {one} or {another}: write it without separators for thousands",
    "not_integer": "is not a whole number",
    "not_rating": "is not a rating from 1 to {highest}",
    "not_boolean": "is neither yes nor no",
    "not_date": "is not a date",
    "half_year": "is a date with half a year: write the year with four digits",
    "either_date": "can be {one} or {another}: write it like {one}, the year first",
    "not_time": "is not a time",
    "not_moment": "is not a date with a time",
    "not_choice": "is none of the choices",
    "too_many_choices": "has too many choices",
    "not_address": "is not an address",
    "bad_country": "has a country that is no code of two letters, such as DE",
    "not_files": "is no list of files",
    "gln_shortened": "This is not a GLN: a spreadsheet has shortened it; write all 13 digits",
    "gln_characters": "This is not a GLN: it has other characters than digits",
    "gln_length": (
        "This is not a GLN: it has one digit, and a GLN has 13",
        "This is not a GLN: it has {count} digits, and a GLN has 13",
    ),
    "gln_check_digit": "This is not a GLN: check digit",
    "duns_shortened": (
        "This is not a D-U-N-S number: a spreadsheet has shortened it; write all 9 digits"
    ),
    "duns_characters": "This is not a D-U-N-S number: it has other characters than digits",
    "duns_length": (
        (
            "This is not a D-U-N-S number: it has one digit, and a D-U-N-S number has 9,"
            " or 13 with a suffix"
        ),
        (
            "This is not a D-U-N-S number: it has {count} digits, and a D-U-N-S number has 9,"
            " or 13 with a suffix"
        ),
    ),
    "duns_zeros": "This is not a D-U-N-S number: it has zeros only",
    "address_example": (
        "This is not an EDI address: write the qualifier and the identifier, such as ZZ:PRAIRIEGOLD"
    ),
    "address_check_digit": "This is not an EDI address: check digit of the GLN",
    "address_either": (
        "This is not an EDI address: either half can be the qualifier;"
        " write the qualifier and the identifier, such as ZZ:PRAIRIEGOLD"
    ),
}
"""Wording of each validation fault, by code. A pair of texts is for a ``count`` of one and for all
others. ``config/texts.yaml`` has every text in each language, as ``unfit.CODE``.
"""
