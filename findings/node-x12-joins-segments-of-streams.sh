#!/usr/bin/env bash
# node-x12 1.7.1 (npm, Node.js) reads a purchase order with 100,000 lines (3.9 MB) as a string and as a stream of a file.
#
# Guess:     both give the same segments ("Support for streaming"; the README's example pipes fs.createReadStream into the parser, with strict = true).
# Behavior:  where a chunk of 64 KiB ends with a segment terminator, the parser keeps the rest of the chunk before, and puts it in front of the next segment.
#            The number of segments is right, the order line is not, and the diagnostics speak of ISA alone. With strict = true, as in the example, every file
#            of more than one chunk is refused: each chunk is held to the length of ISA. So streams of large files need a parser that is not strict, and give
#            wrong lines. parse() reads the same text without a fault.
# Seen:      parse(): 100000 lines, 0 wrong
#            stream: 100007 segments, 1 wrong: PO1PO1*88395*28*EA*88.26**UP*012345678905
#            strict stream: X12 Standard: The ISA segment is not the correct length (106 characters, including segment terminator).
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" 'node-x12@1.7.1'
cd "$work"
node - <<'JS'
const fs = require('node:fs');
const { X12Parser } = require('node-x12');

const LINES = 100_000;
const line = (n) => `PO1*${n}*${n % 97}*EA*${((n * 7) % 9999) / 100}**UP*012345678905`;
const before = [
  'ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261129*1200*^*00501*000000001*0*P*>',
  'GS*PO*SENDERID*RECEIVERID*20261129*1200*1*X*005010', 'ST*850*0001', 'BEG*00*SA*PO-1**20261129',
];
const lines = Array.from({ length: LINES }, (_, index) => line(index + 1));
const after = [`SE*${LINES + 3}*0001`, 'GE*1*1', 'IEA*1*000000001'];
const interchange = `${[...before, ...lines, ...after].join('~')}~`;
fs.writeFileSync('order.edi', interchange);
const written = (segment) => segment.toString({ segmentTerminator: '', elementDelimiter: '*' });

async function read(strict) {
  const segments = [];
  for await (const segment of fs.createReadStream('order.edi').pipe(new X12Parser(strict))) segments.push(segment);
  return segments;
}

(async () => {
  const whole = new X12Parser(true).parse(interchange).functionalGroups[0].transactions[0].segments.slice(1);
  const wholeWrong = whole.filter((segment, index) => written(segment) !== lines[index]);
  console.log(`parse(): ${whole.length} lines, ${wholeWrong.length} wrong`);

  const streamed = await read(false);
  const wrong = streamed.slice(before.length, before.length + LINES).map(written).filter((text, index) => text !== lines[index]);
  console.log(`stream: ${streamed.length} segments, ${wrong.length} wrong: ${wrong.join(' ')}`);

  const strict = await new Promise((resolve) => {
    process.once('uncaughtException', resolve);
    read(true).then(() => resolve(new Error('read')), resolve);
  });
  console.log(`strict stream: ${strict.message}`);
  const asSeen = wholeWrong.length === 0 && streamed.length === LINES + 7 && wrong.length === 1 && wrong[0].startsWith('PO1PO1*')
    && strict.message.includes('ISA segment is not the correct length');
  process.exit(asSeen ? 0 : 1);
})();
JS
