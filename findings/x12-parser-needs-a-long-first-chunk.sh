#!/usr/bin/env bash
# x12-parser 1.3.0 (npm, Node.js), a stream that turns X12 into segments, reads one interchange in chunks of several sizes.
#
# Guess:     a stream gives the same segments however its input is cut: a Transform gets the chunks that a socket, a decompressor or a cipher happens to
#            deliver (Node.js, "Stream", transform._transform), and the package calls itself a parser for streams.
# Behavior:  the delimiters are taken from positions 3, 82, 104 and 105 of the first chunk, once, and ISA is 106 characters long (ASC X12.5). If the first chunk
#            is shorter, the delimiters are undefined, and the whole interchange becomes one segment ISA without an error: the orders behind it are gone.
#            A reader of sockets has to collect 106 characters before it writes.
# Seen:      1 chunk: 9 segments, 1 PO1
#            first chunk of 106 characters: 9 segments, 1 PO1
#            first chunk of 105 characters: 1 segments, 0 PO1
#            chunks of 64 characters: 1 segments, 0 PO1
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" 'x12-parser@1.3.0'
cd "$work"
node - <<'JS'
const { Readable } = require('node:stream');
const { X12parser } = require('x12-parser');

const interchange = 'ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261129*1200*^*00501*000000001*0*P*>~'
  + 'GS*PO*SENDER*RECEIVER*20261129*1200*1*X*005010~ST*850*0001~BEG*00*SA*PO-1**20261129~PO1*1*10*EA*9.50**UP*012345678905~'
  + 'CTT*1~SE*5*0001~GE*1*1~IEA*1*000000001~';

async function read(chunks) {
  const segments = [];
  for await (const segment of Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(new X12parser())) segments.push(segment);
  return segments;
}

(async () => {
  const cases = [
    ['1 chunk', [interchange], 9],
    ['first chunk of 106 characters', [interchange.slice(0, 106), interchange.slice(106)], 9],
    ['first chunk of 105 characters', [interchange.slice(0, 105), interchange.slice(105)], 1],
    ['chunks of 64 characters', interchange.match(/.{1,64}/g), 1],
  ];
  let asSeen = true;
  for (const [name, chunks, expected] of cases) {
    const segments = await read(chunks);
    console.log(`${name}: ${segments.length} segments, ${segments.filter((segment) => segment.name === 'PO1').length} PO1`);
    asSeen &&= segments.length === expected;
  }
  process.exit(asSeen ? 0 : 1);
})();
JS
