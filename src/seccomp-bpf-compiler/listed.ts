import { shown } from './actions.ts';
import { architectures } from './architectures.ts';
import { SeccompError } from './error.ts';
import type { ArchitectureName, Options, Profile } from './profile.ts';
import { isList } from './rules.ts';

/** The architectures of a filter, each once; the kernel's own comes first. */
export function architecturesOf(profile: Profile, { native }: Options): ArchitectureName[] {
  const listed = profile.architectures ?? [];
  if (!isList(listed)) throw new SeccompError('architectures is a list of names', '/architectures');
  for (const [at, name] of listed.entries())
    if (typeof name !== 'string' || !Object.hasOwn(architectures, name))
      throw new SeccompError(`there is no architecture ${shown(name)}`, `/architectures/${at}`);
  if (native !== undefined && !Object.hasOwn(architectures, native))
    throw new SeccompError(`there is no architecture ${shown(native)}`);
  const names = new Set(native === undefined ? listed : [native, ...listed]);
  if (names.size === 0)
    throw new SeccompError('the profile names no architecture, and the native one is not given', '/architectures');
  return [...names];
}
