#!/usr/bin/env bash
# duckdb 2.0.1 (Python) reads CSV files whose dialect and columns are all given: auto_detect = false, strict_mode = true.
#
# Guess:     with nothing left to detect, a quoted cell may hold any line break (RFC 4180), and a file that cannot be read raises an error.
# Behavior:  the first line break of the file decides how its lines end, also one in a quoted heading. If it differs from the others, the reader
#            returns no row and no error. Giving new_line helps a file that ends its lines with \n, and not one that ends them with \r\n.
#            In a cell below the headings the same line break is read. So compare the number of rows with a count of your own.
# Seen:      CRLF lines, \n in a cell: 2 rows
#            CRLF lines, \n in a heading: 0 rows
#            CRLF lines, \n in a heading, new_line given: 0 rows
#            LF lines, \r in a heading: 0 rows
#            LF lines, \r in a heading, new_line given: 2 rows
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'duckdb==2.0.1' 2>/dev/null

cat > "$work/read.py" <<'PYTHON'
import sys
from pathlib import Path

import duckdb

DIALECT = r"""auto_detect = false, strict_mode = true, header = true, delim = ',', quote = '"', escape = '"',
    columns = {'id': 'VARCHAR', 'name': 'VARCHAR'}"""
CASES = [
    ("CRLF lines, \\n in a cell", b'id,name\r\n1,"a\nb"\r\n2,c\r\n', "", 2),
    ("CRLF lines, \\n in a heading", b'id,"na\nme"\r\n1,a\r\n2,c\r\n', "", 0),
    ("CRLF lines, \\n in a heading, new_line given", b'id,"na\nme"\r\n1,a\r\n2,c\r\n', r"\r\n", 0),
    ("LF lines, \\r in a heading", b'"i\rd",name\n1,a\n2,c\n', "", 0),
    ("LF lines, \\r in a heading, new_line given", b'"i\rd",name\n1,a\n2,c\n', r"\n", 2),
]
path = Path(sys.argv[1]) / "a.csv"
failed = False
for name, content, new_line, expected in CASES:
    path.write_bytes(content)
    given = f", new_line = '{new_line}'" if new_line else ""
    rows = len(duckdb.sql(f"FROM read_csv('{path}', {DIALECT}{given})").fetchall())
    print(f"{name}: {rows} rows")
    failed |= rows != expected
sys.exit(failed)
PYTHON
"$work/venv/bin/python" "$work/read.py" "$work"
