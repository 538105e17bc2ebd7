import type { Architecture } from './architectures.ts';
import { packedNames, packedNumbers } from './tables.ts';

export { kernelVersion } from './tables.ts';

const names: readonly string[] = packedNames.split(' ');

/** The names of all calls, by the alphabet. */
export const callNames = names;

const places = new Map(names.map((name, index) => [name, index * 2]));

/** ARM's own calls (breakpoint, set_tls, …) begin here, far above all others. */
export const privateBase = 0xf0000;
const packedPrivate = 4000;

/** Worth of a character of the table; the backslash is not used (tools/seccomp/tables.mjs). */
const digit = (code: number): number => code - (code > 92 ? 41 : 40);

function numberAt(packed: string, at: number, base: number): number {
  const high = packed.charCodeAt(at);
  if (high === 32) return -1;
  const small = digit(high) * 80 + digit(packed.charCodeAt(at + 1));
  return base + (small < packedPrivate ? small : small - packedPrivate + privateBase);
}

/** Where a name stands in the tables; undefined if no architecture knows it. */
export const placeOf = (name: string): number | undefined => places.get(name);

/** The number of the call at a place (`placeOf`); -1 if the architecture has no such call. */
export const numberOfPlace = ({ table, base }: Architecture, place: number): number =>
  numberAt(packedNumbers[table], place, base);

/** The number of a call; -1 if the architecture does not know it. */
export function numberOf(architecture: Architecture, name: string): number {
  const place = places.get(name);
  return place === undefined ? -1 : numberOfPlace(architecture, place);
}

/** The name of a number; undefined if the architecture knows none. Of two names it is the first by the alphabet. */
export const nameOf = (architecture: Architecture, number: number): string | undefined =>
  number < 0 ? undefined : names.find((_, index) => numberOfPlace(architecture, index * 2) === number);

/** All calls of an architecture, by name. */
export const callsOf = (architecture: Architecture): [name: string, number: number][] =>
  names.flatMap((name, index) => {
    const number = numberOfPlace(architecture, index * 2);
    return number < 0 ? [] : [[name, number] as [string, number]];
  });
