#!/usr/bin/env bash
# puremagic 2.2.0: what Microsoft Office writes is found under "xlsx", without a dot, and first, for documents of Word and PowerPoint too.
#
# Guess: magic_string() of a package that begins as Office writes it (general purpose flags 0x0006 in the first local header) gives ".docx", ".xlsx" or ".zip",
#   as it does for the same package with flags 0.
# Behaviour: the first match is "xlsx" (no dot, unlike all others) with the highest confidence, whatever is in the package. Code that compares extensions
#   refuses every real workbook, and code that strips the dot takes every Word document for one.
# Seen: flags 0x0000: ['.docx', ...] or ['.zip', ...]; flags 0x0006: first 'xlsx'
#
# Exits with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.13 -m venv "$folder/venv" 2>/dev/null || python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "puremagic==2.2.0" "python-docx==1.2.0"
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

import docx
import puremagic

target = io.BytesIO()
docx.Document().save(target)
plain = target.getvalue()
office = plain[:6] + b"\x06\x00" + plain[8:]
found = {name: [match.extension for match in puremagic.magic_string(data)][:4] for name, data in (("flags 0x0000", plain), ("flags 0x0006", office))}
for name, extensions in found.items():
    print(f"a Word document, {name}: {extensions}")
sys.exit(found["flags 0x0006"][0] != "xlsx" or "xlsx" in found["flags 0x0000"])
PYTHON
