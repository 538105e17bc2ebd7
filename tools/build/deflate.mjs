// Compresses a file: node deflate.mjs FILE OUTPUT. Its length comes first, in 8 bytes (addon/standalone/chunks.h).
import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const [, , file, output] = process.argv;
const bytes = readFileSync(file);
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(bytes.length));
writeFileSync(output, Buffer.concat([length, deflateSync(bytes, { level: 9 })]));
