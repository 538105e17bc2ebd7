import type { Architecture } from './architectures.ts';
import { otherNumbers, packedNames, packedNumbers } from './tables.ts';

export { kernelVersion } from './tables.ts';

/** The names of all calls, by the alphabet. */
export const callNames: readonly string[] = packedNames.split(' ');

/** Places of the names in the tables, counted from 1: 0 is none. */
const places = new Map<string, number>();
for (let at = 0; at < callNames.length; at++) places.set(callNames[at] as string, at + 1);

/** ARM's own calls (breakpoint, set_tls, …) begin here, far above all others. */
export const privateBase = 0xf0000;

/** Where a name stands in the tables; undefined if no architecture knows it. */
export const placeOf = (name: string): number | undefined => places.get(name);

/** A table's character for no name. */
export const noName = 0x3400;

/** The calls of an architecture in the order of their numbers, which are counted from its `base`. */
export interface Numbered {
  /** A character for each number: the place of its name behind `noName`. */
  readonly places: string;
  /** What has no place there: numbers above `privateBase`, and second names of numbers. */
  readonly others: readonly (readonly [number: number, place: number])[];
}

export const numbered = ({ table }: Architecture): Numbered => ({
  places: packedNumbers[table],
  others: otherNumbers[table] ?? [],
});

/** The place of the name of a number (`numbered`); 0 where there is none. */
export const placeAt = (places: string, number: number): number =>
  number < places.length ? places.charCodeAt(number) - noName : 0;

/** The number of the call at a place (`placeOf`); -1 if the architecture has no such call. */
export function numberOfPlace(architecture: Architecture, place: number): number {
  const { places, others } = numbered(architecture);
  const at = places.indexOf(String.fromCharCode(noName + place));
  const number = at < 0 ? others.find(([, other]) => other === place)?.[0] : at;
  return number === undefined ? -1 : architecture.base + number;
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
