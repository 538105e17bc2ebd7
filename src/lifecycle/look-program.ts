import { O } from '../sys/constants.ts';
import { isSystemError, sys, withFd } from '../sys/index.ts';
import type { Facts, Look } from './facts.ts';

/** Where a path of the host leads, and what it passes. */
type Walk = (path: string) => Look;

/** The kernel follows five. */
const mostInterpreters = 6;
/** The headers of a program are in its first page. */
const page = 4096;
/** What the kernel reads of a script. */
const lineLimit = 256;

/** What there is to know of a program of the host that could not be executed, as init tells it of the container's. */
export function programFacts(path: string, walk: Walk, shown: (bytes: Uint8Array) => string): Facts {
  const looks: Look[] = [];
  let next: { word: string; path: string } | undefined = { word: 'program', path };
  while (next && looks.length <= mostInterpreters) {
    const look: Look = { ...walk(next.path), word: next.word, path: next.path };
    looks.push(look);
    next = look.stop ? undefined : readOn(look, shown);
  }
  const [, uid = 0, , gid = 0] = sys.getids();
  const [low = 0, high = 0, , , , , boundingLow = 0, boundingHigh = 0] = sys.capabilities();
  const mask = (a: number, b: number): number => (a >>> 0) + (b >>> 0) * 2 ** 32;
  const self = { uid, gid, effective: mask(low, high), bounding: mask(boundingLow, boundingHigh) };
  const machine = headerOf('/proc/self/exe')?.elf?.machine ?? 0;
  return { about: path, looks, self, kernel: { machine, seccomp: 0, page }, others: new Map() };
}

/** What is in the file, and what it names for the kernel to execute in its place. */
function readOn(look: Look, shown: (bytes: Uint8Array) => string): { word: string; path: string } | undefined {
  const { file } = look;
  if (!file || (file.mode & 0o170000) !== 0o100000) return undefined;
  // Of its mount we know nothing here; without any bit, nobody may execute it, and nobody reads it.
  if ((file.mode & 0o111) === 0) {
    look.access = 'EACCES';
    return undefined;
  }
  const header = headerOf(look.path);
  if (!header) return undefined;
  const { bytes, elf } = header;
  look.size = bytes.length;
  look.begins = [...bytes.subarray(0, 8)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .padEnd(16, '0');
  if (elf) look.elf = elf;
  if (elf) return look.word === 'loader' ? undefined : loaderIn(bytes, shown);
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const end = bytes.subarray(0, lineLimit).findIndex((byte) => byte === 0x0a || byte === 0);
  const text = shown(bytes.subarray(0, end < 0 ? Math.min(bytes.length, lineLimit) : end));
  look.line = { whole: end >= 0 || bytes.length < lineLimit, text };
  const name = /^#![ \t]*([^ \t]+)/.exec(text)?.[1];
  return name === undefined ? undefined : { word: 'interpreter', path: name };
}

interface Header {
  readonly bytes: Uint8Array;
  readonly elf?: NonNullable<Look['elf']>;
}

function headerOf(path: string): Header | undefined {
  try {
    const bytes = withFd(sys.open(path, O.RDONLY | O.NONBLOCK, 0), (fd) => sys.readBytes(fd, page));
    if (bytes.length < 20 || viewOf(bytes).getUint32(0) !== 0x7f454c46) return { bytes };
    const [bits = 0, order = 0] = bytes.subarray(4, 6);
    const field = (at: number): number => viewOf(bytes).getUint16(at, order === 1);
    return { bytes, elf: { bits, order, type: field(16), machine: field(18) } };
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The path in the header of the type PT_INTERP of a program of 64 bits, where it is in the first page. */
function loaderIn(bytes: Uint8Array, shown: (bytes: Uint8Array) => string): { word: string; path: string } | undefined {
  if (bytes.length < 64 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const view = viewOf(bytes);
  const first = Number(view.getBigUint64(32, true));
  for (let at = first, left = view.getUint16(56, true); left > 0 && at + 56 <= bytes.length; left--, at += 56) {
    if (view.getUint32(at, true) !== 3) continue;
    const begin = Number(view.getBigUint64(at + 8, true));
    const length = Number(view.getBigUint64(at + 32, true));
    if (begin + length > bytes.length || length < 2) return undefined;
    return { word: 'loader', path: shown(bytes.subarray(begin, begin + length - 1)) };
  }
  return undefined;
}
