import type { Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';
import { escaped } from './words.ts';

/**
 * What the kernel takes as a path or an argument ends at the first NUL: the rest would be lost in silence.
 * A document of a hundred strings takes as long as all the other rules: see `validate`.
 */
export function stringsHaveNoNul(spec: Spec): Refusal[] {
  const found: Refusal[] = [];
  const todo: [string, unknown][] = [['', spec]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, value] = next;
    if (hasNul(value)) found.push(broken(pointer, 'the string contains a NUL byte'));
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value).reverse()) {
      if (hasNul(name)) found.push(broken(pointer, 'the name of a property contains a NUL byte'));
      todo.push([`${pointer}/${escaped(name)}`, member]);
    }
  }
  return found;
}

const hasNul = (value: unknown): boolean => typeof value === 'string' && value.includes('\0');

/** "Keys MUST NOT be an empty string" (config.md "Annotations"). */
export function annotationsAreNamed({ annotations }: Spec): Refusal[] {
  return annotations && '' in annotations ? [broken('/annotations/', 'the name of an annotation is empty')] : [];
}
