// Prints what each file weighs as it is, and as a browser fetches it.
//
//   node scripts/sizes.mjs FILE...

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(12);
let total = [0, 0, 0];
const row = (name, sizes) => console.log(name.padEnd(16) + sizes.map(kilobytes).join(''));

console.log(''.padEnd(16) + ['raw', 'gzip', 'brotli'].map((head) => head.padStart(12)).join(''));
for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);
  const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
  total = total.map((sum, at) => sum + sizes[at]);
  row(basename(file), sizes);
}
row('together', total);
