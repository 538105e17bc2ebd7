import { kinds, type Kind } from '../plan/protocol.ts';

/** One record of the protocol (plan/protocol.ts). */
export interface ProtocolRecord {
  readonly kind: Kind;
  readonly a: number;
  readonly b: number;
  readonly detail: Uint8Array;
}

const header = 16;

/** A record as it travels. */
export function encodeRecord(kind: Kind, a = 0, b = 0, detail: Uint32Array = new Uint32Array(0)): Uint8Array {
  const words = new Uint32Array(4 + detail.length);
  words.set([kinds[kind], a, b, detail.length * 4]);
  words.set(detail, 4);
  return new Uint8Array(words.buffer);
}

/** The record that came, or undefined for bytes that are none. */
export function decodeRecord(bytes: Uint8Array): ProtocolRecord | undefined {
  if (bytes.length < header) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const number = view.getUint32(0, true);
  const kind = (Object.keys(kinds) as Kind[]).find((name) => kinds[name] === number);
  const length = view.getUint32(12, true);
  if (kind === undefined || length > bytes.length - header) return undefined;
  const detail = bytes.subarray(header, header + length);
  return { kind, a: view.getUint32(4, true), b: view.getInt32(8, true), detail };
}
