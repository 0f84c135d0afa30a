#!/usr/bin/env bash
# pydifact 0.2.3 (PyPI, Python 3.10 or later) reads an interchange without a service string advice (UNA), with a quoted word in a free text.
#
# Guess:     UNA is read at the beginning of an interchange, the only place where ISO 9735-1 allows it (immediately before UNB), and an apostrophe after the
#            release character is part of the text (ISO 9735-1, release character), whatever letters follow it.
# Behavior:  the parser searches the whole interchange for 'UNA. A quoted word that begins with these letters (UNABLE, UNAVAILABLE, German UNABHAENGIG) is taken
#            for a service string advice: its next six letters become the separators, and everything before it, UNB and UNH included, is dropped. The error
#            then speaks of an end that is missing. With a UNA of its own the same interchange is read; so writers are safer with one.
# Seen:      LABEL 'SMUDGED' ON PALLET 3          without UNA: LABEL 'SMUDGED' ON PALLET 3
#            LABEL 'UNABLE TO SCAN' ON PALLET 3   without UNA: EDISyntaxError: EDIFACT Syntax Error: Unexpected end of EDI messages.
#            LABEL 'UNABLE TO SCAN' ON PALLET 3   with UNA:    LABEL 'UNABLE TO SCAN' ON PALLET 3
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pydifact==0.2.3' 2>/dev/null
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import sys

from pydifact.segmentcollection import Interchange


def read(text, advice):
    """Return the text of the FTX segment, or the error."""
    interchange = (
        f"{advice}UNB+UNOC:3+5412345000013:14+4012345000016:14+261129:1200+1'"
        "UNH+1+DESADV:D:96A:UN'BGM+351+4711+9'"
        f"FTX+AAI+++{text.replace(chr(39), '?' + chr(39))}'UNT+4+1'UNZ+1+1'"
    )
    try:
        return Interchange.from_str(interchange).get_segment("FTX")[3]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


plain, quoted = "LABEL 'SMUDGED' ON PALLET 3", "LABEL 'UNABLE TO SCAN' ON PALLET 3"
results = [read(plain, ""), read(quoted, ""), read(quoted, "UNA:+.? '")]
for text, label, result in zip((plain, quoted, quoted), ("without UNA:", "without UNA:", "with UNA:   "), results):
    print(f"{text:36} {label} {result}")
sys.exit(not (results[0] == plain and results[1].startswith("EDISyntaxError") and results[2] == quoted))
PYTHON
