import type { Architecture } from './architectures.ts';
import { packedNames, packedNumbers } from './tables.ts';

export { kernelVersion } from './tables.ts';

/** The names of all calls, by the alphabet. */
export const callNames: readonly string[] = packedNames.split(' ');

/** Places of the names in the tables, counted from 1: 0 is none. */
const places = new Map<string, number>();
for (let at = 0; at < callNames.length; at++) places.set(callNames[at] as string, at + 1);

/** ARM's own calls (breakpoint, set_tls, …) begin here, far above all others. */
export const privateBase = 0xf0000;
const packedPrivate = 4000;
/** The first character of ARM's own calls in a table. */
const smallEnd = 40 + packedPrivate / 80;

/** Worth of a character of the table; the backslash is not used (tools/seccomp/tables.mjs). */
const digit = (code: number): number => (code > 92 ? code - 41 : code - 40);

function numberAt(packed: string, place: number, base: number): number {
  const high = packed.charCodeAt(2 * place - 2);
  if (high === 32) return -1;
  const small = digit(high) * 80 + digit(packed.charCodeAt(2 * place - 1));
  return base + (small < packedPrivate ? small : small - packedPrivate + privateBase);
}

/** Where a name stands in the tables; undefined if no architecture knows it. */
export const placeOf = (name: string): number | undefined => places.get(name);

/** The number of the call at a place (`placeOf`); -1 if the architecture has no such call. */
export const numberOfPlace = ({ table, base }: Architecture, place: number): number =>
  numberAt(packedNumbers[table], place, base);

/** The calls of an architecture in the order of their numbers. */
export interface Numbered {
  /** The place of the call with each number, counted from the least one (`base`); 0 where there is none. */
  readonly places: Uint16Array;
  /** What does not go there: numbers above `privateBase`, and second names of numbers. */
  readonly others: readonly (readonly [number: number, place: number])[];
}

function numberTable(table: Architecture['table']): Numbered {
  const packed: string = packedNumbers[table];
  const result = new Uint16Array(1024);
  const others: [number, number][] = [];
  let length = 0;
  for (let place = 1; 2 * place <= packed.length; place++) {
    // What numberAt does of small numbers, which all but ARM's own are: there are half a thousand of them.
    const high = packed.charCodeAt(2 * place - 2);
    if (high === 32) continue;
    const low = packed.charCodeAt(2 * place - 1);
    const number = high < smallEnd ? (high - 40) * 80 + (low > 92 ? low - 41 : low - 40) : numberAt(packed, place, 0);
    if (number >= result.length || result[number] !== 0) others.push([number, place]);
    else {
      result[number] = place;
      if (number >= length) length = number + 1;
    }
  }
  return { places: result.subarray(0, length), others };
}

const tables = new Map<Architecture['table'], Numbered>();

/** The calls of an architecture by number, counted from its `base`. */
export function numbered({ table }: Architecture): Numbered {
  const known = tables.get(table) ?? numberTable(table);
  tables.set(table, known);
  return known;
}

/** The number of a call; -1 if the architecture does not know it. */
export function numberOf(architecture: Architecture, name: string): number {
  const place = places.get(name);
  return place === undefined ? -1 : numberOfPlace(architecture, place);
}

/** The name of a number; undefined if the architecture knows none. Of two names it is the first by the alphabet. */
export const nameOf = (architecture: Architecture, number: number): string | undefined =>
  number < 0 ? undefined : callNames.find((_, index) => numberOfPlace(architecture, index + 1) === number);

/** All calls of an architecture, by name. */
export const callsOf = (architecture: Architecture): [name: string, number: number][] =>
  callNames.flatMap((name, index) => {
    const number = numberOfPlace(architecture, index + 1);
    return number < 0 ? [] : [[name, number] as [string, number]];
  });
