#!/usr/bin/env bash
# aws-sam-cli 1.170.0: four commands give three answers for a template with `Fn::ForEach`, and none names the option that it needs.
#
# The template declares `AWS::LanguageExtensions` before `AWS::Serverless-2016-10-31`, as CloudFormation's documentation asks, and makes two queues in a loop.
#
# Guess:   without `--language-extensions`, `sam validate --lint` and `sam build` both end with "'list' object has no attribute 'get'".
# Found:   `sam validate --lint` runs cfn-lint only, which expands the loop: valid, exit 0. `sam validate` speaks of an indentation issue. `sam build` ends with a
#          traceback. With the option, `sam build` succeeds.
# Cost:    a project with `lint = true` in its samconfig.toml has a green check and a build that fails, and learns of the option from neither.
#
# Output seen:
#   sam validate --lint              : exit 0, is a valid SAM Template
#   sam validate                     : exit 1, All 'Resources' must be Objects. If you're using YAML, this may be an indentation issue.
#   sam build                        : exit 1, AttributeError: 'list' object has no attribute 'get'
#   sam build --language-extensions  : exit 0, Build Succeeded
#
# Exits with 1 if that changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3.13 -m venv "$work/venv" 2>/dev/null || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-cli==1.170.0

export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 HOME="$work"
unset SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS
cd "$work"
cat >template.yaml <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Transform:
  - AWS::LanguageExtensions
  - AWS::Serverless-2016-10-31
Resources:
  Fn::ForEach::Queues:
    - Name
    - [Orders, Invoices]
    - ${Name}Queue:
        Type: AWS::SQS::Queue
        Properties:
          SqsManagedSseEnabled: true
YAML

failed=0
check() { # check EXPECTED_EXIT EXPECTED_TEXT ARGUMENTS...
  local expected=$1 text=$2 found=0
  shift 2
  "$work/venv/bin/sam" "$@" >output 2>&1 || found=$?
  local seen
  # The message stands twice on its line: as an exception and as its text.
  seen=$(grep -oE "is a valid SAM Template|All 'Resources' must be .*|AttributeError: .*|Build Succeeded" output | tail -1 | sed 's/.*)\] //' || true)
  printf 'sam %-28s : exit %s, %s\n' "$*" "$found" "${seen:-$(tail -1 output)}"
  [ "$found" = "$expected" ] && grep -q "$text" output || failed=1
  [[ " $* " == *" --language-extensions "* ]] || ! grep -q -e --language-extensions output || failed=1
}

check 0 'is a valid SAM Template' validate --lint
check 1 "All 'Resources' must be Objects. If you're using YAML, this may be an indentation issue." validate
check 1 "AttributeError: 'list' object has no attribute 'get'" build
check 0 'Build Succeeded' build --language-extensions
exit $failed
