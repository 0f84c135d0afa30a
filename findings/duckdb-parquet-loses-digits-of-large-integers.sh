#!/usr/bin/env bash
# duckdb 2.0.1 (Python) writes whole numbers of 23 digits (HUGEINT), such as keys made of a GLN and a number, to a Parquet file and reads them back.
#
# Guess:     COPY ... TO (FORMAT parquet) keeps the values, or refuses a type that Parquet lacks.
# Behavior:  the column becomes a DOUBLE without a warning. Two different keys are then equal.
# Seen:      written HUGEINT, read DOUBLE
#            2 keys written, 1 distinct key read
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'duckdb==2.0.1' 2>/dev/null

cat > "$work/keys_in_parquet.py" <<'PYTHON'
import sys

import duckdb

path = f"{sys.argv[1]}/keys.parquet"
keys = "SELECT unnest([12345678901234567890123, 12345678901234567890124]) AS key"
written = duckdb.sql(f"DESCRIBE {keys}").fetchall()[0][1]
duckdb.sql(f"COPY ({keys}) TO '{path}' (FORMAT parquet)")
read = duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()[0][1]
((distinct,),) = duckdb.sql(f"SELECT count(DISTINCT key) FROM '{path}'").fetchall()
print(f"written {written}, read {read}")
print(f"2 keys written, {distinct} distinct key read")
sys.exit((written, read, distinct) != ("HUGEINT", "DOUBLE", 1))
PYTHON
"$work/venv/bin/python" "$work/keys_in_parquet.py" "$work"
