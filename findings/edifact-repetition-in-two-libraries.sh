#!/usr/bin/env bash
# pydifact 0.2.3 (PyPI, Python 3.10 or later) and edifact 1.2.12 (npm, Node.js) read EDIFACT in syntax version 4.
#
# Guess:     the fifth character of UNA is the repetition separator in version 4 (ISO 9735-1, UNA; reserved and a space in version 3). A?*B is one text with an
#            asterisk, A*B an element that occurs twice. pydifact, which reads the eight-digit date of version 4, tells the two apart, and edifact ("will read
#            any custom delimiters from the UNA header") reads them.
# Behavior:  pydifact reads both as the same text, and writes both without the release character: a text with an asterisk leaves as an element that occurs
#            twice. It also writes version 4 with the six-digit date of version 3. edifact takes a UNA for one only if its fifth character is a space: it reads
#            UNA as a segment and stops at the colon.
# Seen:      pydifact reads A*B as ['AAI', '', '', 'A*B'] and writes UNB+UNOC:4+...+261129:1200+1' FTX+AAI+++A*B'
#            pydifact reads A?*B as ['AAI', '', '', 'A*B'] and writes UNB+UNOC:4+...+261129:1200+1' FTX+AAI+++A*B'
#            edifact, UNA:+.? '  AAI,,,A B
#            edifact, UNA:+.?*'  Invalid character : after reading segment name UNA
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pydifact==0.2.3' 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/npm" 'edifact@1.2.12'

"$work/venv/bin/python" -W ignore - <<'PYTHON'
import sys

from pydifact.segmentcollection import Interchange

PARTIES = "5412345000013:14+4012345000016:14"
written = set()
for text in ("A*B", "A?*B"):
    interchange = Interchange.from_str(
        f"UNA:+.?*'UNB+UNOC:4+{PARTIES}+20261129:1200+1'UNH+1+DESADV:D:96A:UN'BGM+351+4711+9'"
        f"FTX+AAI+++{text}'UNT+4+1'UNZ+1+1'"
    )
    segments = interchange.serialize().replace(PARTIES, "...").split("'")
    output = f"{segments[1]}' {segments[4]}'"
    print(f"pydifact reads {text} as {interchange.get_segment('FTX').elements} and writes {output}")
    written.add(output)
sys.exit(written != {"UNB+UNOC:4+...+261129:1200+1' FTX+AAI+++A*B'"})
PYTHON

cd "$work/npm"
node - <<'JS'
const Reader = require('edifact/reader.js');
const read = (advice, text, version, day) => {
  const interchange = `${advice}UNB+UNOC:${version}+5412345000013:14+4012345000016:14+${day}:1200+1'UNH+1+DESADV:D:96A:UN'`
    + `BGM+351+4711+9'FTX+AAI+++${text}'UNT+4+1'UNZ+1+1'`;
  let result;
  try {
    result = new Reader().parse(interchange).find((segment) => segment.name === 'FTX').elements.join();
  } catch (error) {
    result = error.message;
  }
  console.log(`edifact, ${advice}  ${result}`);
  return result;
};
const third = read("UNA:+.? '", 'A B', 3, '261129');
const fourth = read("UNA:+.?*'", 'A*B', 4, '20261129');
process.exit(third === 'AAI,,,A B' && fourth.startsWith('Invalid character : after') ? 0 : 1);
JS
