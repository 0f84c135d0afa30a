// Samples that JavaScript libraries write; make.py runs it. Usage: node make.mjs FOLDER

import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { Document, Packer, Paragraph } = require('docx');
const ExcelJS = require('exceljs');
const PptxGenJS = require('pptxgenjs');
const XLSX = require('xlsx');

const [, , packages, target] = process.argv;
const rows = [
  ['Item', 'Price', 'Valid from'],
  ['4711 Größe M', 4.15, '2026-11-01'],
  ['4712', 12.5, '2026-12-01'],
];

const workbook = new ExcelJS.Workbook();
workbook.addWorksheet('Prices').addRows(rows);
await workbook.xlsx.writeFile(join(target, 'exceljs.xlsx'));

const document = new Document({ sections: [{ children: rows.map((row) => new Paragraph(row.join(' '))) }] });
writeFileSync(join(target, 'docx-js.docx'), await Packer.toBuffer(document));

const slides = new PptxGenJS();
slides.addSlide().addText('Routing guide', { x: 1, y: 1, w: 5, h: 1 });
await slides.writeFile({ fileName: join(target, 'pptxgenjs.pptx'), compression: true });

const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows), 'Prices');
const sheetjs = {
  'sheetjs.xlsx': 'xlsx',
  'sheetjs-biff8.xls': 'biff8',
  'sheetjs-biff5.xls': 'biff5',
  'sheetjs-biff2.xls': 'biff2',
  'sheetjs.ods': 'ods',
  'sheetjs.rtf': 'rtf',
  'sheetjs.csv': 'csv',
  'html--sheetjs.xls': 'html',
  'xml-spreadsheet-2003--sheetjs.xls': 'xlml',
  'utf-16-text--sheetjs.xls': 'txt',
};
for (const [name, bookType] of Object.entries(sheetjs)) {
  XLSX.writeFile(book, join(target, name), { bookType, compression: name !== 'sheetjs.xlsx' });
}

// A project of macros as LibreOffice has kept it: see make.py.
book.vbaraw = readFileSync(join(packages, 'vbaProject.bin'));
XLSX.writeFile(book, join(target, 'sheetjs.xlsm'), { bookType: 'xlsm', bookVBA: true, compression: true });
