/** A value of a document with whole numbers of any size; what is undefined is left out. */
export type Json =
  bigint | number | string | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** The document as text: JSON.stringify with whole numbers of any size. */
export function jsonText(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`).join(',')}}`;
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);
