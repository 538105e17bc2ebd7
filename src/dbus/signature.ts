import { fault } from './fault.ts';

/** One complete type. `parts`: the elements of an array or a variable struct, key and value of a dictionary's entry. */
export interface Type {
  /** The letter: ( for a struct, { for an entry of a dictionary. */
  readonly code: string;
  readonly parts: readonly Type[];
  readonly alignment: number;
  /** As it is written in a signature. */
  readonly text: string;
}

const alignments: Readonly<Record<string, number>> = {
  y: 1,
  b: 4,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  x: 8,
  t: 8,
  d: 8,
  h: 4,
  s: 4,
  o: 4,
  g: 1,
  v: 1,
  a: 4,
  '(': 8,
};

/** Types without parts; of these, a key may be any. */
const basic = 'ybnqiuxtdhsog';

const longest = 255;
const deepest = 32;

/** Where in a signature somebody reads, and how deep. */
interface Place {
  readonly text: string;
  at: number;
  arrays: number;
  structs: number;
}

const wrong = ({ text, at }: Place, why: string): Error =>
  fault(`signature ${JSON.stringify(text)}, character ${at + 1}: ${why}`);

const known = new Map<string, readonly Type[]>();

/** The types that a signature consists of. */
export function typesOf(signature: string): readonly Type[] {
  const before = known.get(signature);
  if (before) return before;
  const place: Place = { text: signature, at: 0, arrays: 0, structs: 0 };
  if (signature.length > longest) throw wrong({ ...place, at: longest }, `it has more than ${longest} characters`);
  const types: Type[] = [];
  while (place.at < signature.length) types.push(next(place));
  known.set(signature, types);
  return types;
}

/** The one complete type that a signature has to be. */
export function typeOf(signature: string): Type {
  const types = typesOf(signature);
  const [only] = types;
  if (types.length !== 1 || !only) throw fault(`signature ${JSON.stringify(signature)} is not one complete type`);
  return only;
}

/** The complete type that begins there in a text, whatever comes behind it, and where it ends. */
export function typeAt(text: string, at: number): [type: Type, end: number] {
  const place: Place = { text, at, arrays: 0, structs: 0 };
  const type = next(place);
  if (place.at - at > longest) throw wrong({ ...place, at: at + longest }, `it has more than ${longest} characters`);
  return [type, place.at];
}

function next(place: Place): Type {
  const begin = place.at;
  const code = place.text.charAt(begin);
  const parts = partsAt(place, code);
  return { code, parts, alignment: alignments[code] as number, text: place.text.slice(begin, place.at) };
}

/** Goes behind the type that begins here. */
function partsAt(place: Place, code: string): Type[] {
  if (code === 'a') return arrayAt(place);
  if (code === '(') return structAt(place);
  if (code === '' || !(basic.includes(code) || code === 'v'))
    throw wrong(place, code ? 'no type' : 'a type is missing');
  place.at += 1;
  return [];
}

function arrayAt(place: Place): Type[] {
  if (place.arrays >= deepest) throw wrong(place, `more than ${deepest} arrays in each other`);
  place.at += 1;
  place.arrays += 1;
  const element = place.text.charAt(place.at) === '{' ? entryAt(place) : next(place);
  place.arrays -= 1;
  return [element];
}

function entryAt(place: Place): Type {
  const begin = place.at;
  place.at += 1;
  if (!basic.includes(place.text.charAt(place.at) || ' ')) throw wrong(place, 'a key is of a basic type');
  const parts = [next(place), next(place)];
  expect(place, '}');
  return { code: '{', parts, alignment: 8, text: place.text.slice(begin, place.at) };
}

function structAt(place: Place): Type[] {
  if (place.structs >= deepest) throw wrong(place, `more than ${deepest} structs in each other`);
  place.at += 1;
  place.structs += 1;
  const parts: Type[] = [];
  do parts.push(next(place));
  while (place.at < place.text.length && place.text.charAt(place.at) !== ')');
  expect(place, ')');
  place.structs -= 1;
  return parts;
}

function expect(place: Place, code: string): void {
  if (place.text.charAt(place.at) !== code) throw wrong(place, `${code} is missing`);
  place.at += 1;
}
