// Which types a value in GVariant's text format may have.
import { ranges } from './limits.ts';
import { isObjectPath } from './names.ts';
import { type Type, typesOf } from './signature.ts';

/** A type of which not all is known: N any number, S any kind of string, * anything. */
export interface Form {
  readonly code: string;
  readonly parts: readonly Form[];
}

export const isNumberForm = 'N';

/** What may take the place of a form of which not all is known, and what does where nothing more is told. */
const open: Readonly<Record<string, { readonly any: string; readonly usual: string }>> = {
  N: { any: 'ynqiuxthdN', usual: 'i' },
  S: { any: 'sogS', usual: 's' },
};

/** What fits both; undefined where nothing does. */
export function unify(one: Form, other: Form): Form | undefined {
  if (one.code === '*') return other;
  if (other.code === '*') return one;
  if (open[one.code]?.any.includes(other.code)) return other;
  if (open[other.code]?.any.includes(one.code)) return one;
  if (one.code !== other.code || one.parts.length !== other.parts.length) return undefined;
  const parts: Form[] = [];
  for (const [index, part] of one.parts.entries()) {
    const both = unify(part, other.parts[index] as Form);
    if (!both) return undefined;
    parts.push(both);
  }
  return { code: one.code, parts };
}

const closing: Readonly<Record<string, string>> = { '(': ')', '{': '}' };

/** The signature of a form; undefined where nothing tells of a part what it is. */
export function written({ code, parts }: Form): string | undefined {
  if (code === '*') return undefined;
  let text = open[code]?.usual ?? code;
  for (const part of parts) {
    const inner = written(part);
    if (inner === undefined) return undefined;
    text += inner;
  }
  return text + (closing[code] ?? '');
}

export function floating(text: string): number | undefined {
  const number = Number(text.replace(/^\+/, ''));
  return Number.isFinite(number) ? number : undefined;
}

/** A whole number in the range of its type; one that begins with a zero is octal, as in C. */
export function integer(text: string, type: Type): number | bigint | undefined {
  const digits = text.replace(/^[-+]/, '');
  const isOctal = /^0[0-9]/.test(text);
  if (isOctal && /[89]/.test(text)) return undefined;
  const size = BigInt(isOctal ? `0o${digits.slice(1)}` : digits.replace(/^0+(?=[0-9])/, ''));
  const number = text.startsWith('-') ? -size : size;
  const [least, greatest] = ranges[type.code] as readonly [bigint, bigint];
  if (number < least || number > greatest) return undefined;
  return type.code === 'x' || type.code === 't' ? number : Number(number);
}

/** Why a string is none of that type; undefined where it is. */
export function pathOrSignature(text: string, { code }: Type): string | undefined {
  if (code === 'o' && !isObjectPath(text)) return `${JSON.stringify(text)} is no path of an object`;
  if (code !== 'g') return undefined;
  try {
    typesOf(text);
    return undefined;
  } catch {
    return `${JSON.stringify(text)} is no signature`;
  }
}
