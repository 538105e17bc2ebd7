import type { Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';
import { escaped } from './words.ts';

/**
 * What the kernel takes as a path or an argument ends at the first NUL: the rest would be lost in silence.
 * A document of a hundred strings takes as long as all the other rules: see `validate`.
 */
export const stringsHaveNoNul = (spec: Spec): Refusal[] =>
  stringsWith(spec, (text) => text.includes('\0'), 'contains a NUL byte');

/** Half of a surrogate pair (`\ud800`) has no UTF-8: the kernel could only be given something else. */
export const stringsAreUnicode = (spec: Spec): Refusal[] =>
  stringsWith(spec, (text) => /[\ud800-\udfff]/u.test(text), 'has half of a surrogate pair, which is no character');

/** Every string and every name of a property of which `isBad` holds; a name is told of the object that has it. */
function stringsWith(spec: Spec, isBad: (text: string) => boolean, what: string): Refusal[] {
  const found: Refusal[] = [];
  const todo: [string, unknown][] = [['', spec]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, value] = next;
    if (typeof value === 'string' && isBad(value)) found.push(broken(pointer, `the string ${what}`));
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value).reverse()) {
      if (isBad(name)) found.push(broken(pointer, `the name of a property ${what}`));
      todo.push([`${pointer}/${escaped(name)}`, member]);
    }
  }
  return found;
}

/** "Keys MUST NOT be an empty string" (config.md "Annotations"). */
export function annotationsAreNamed({ annotations }: Spec): Refusal[] {
  return annotations && '' in annotations
    ? [broken('/annotations/', 'the name of an annotation is empty', { expected: 'a name' })]
    : [];
}
