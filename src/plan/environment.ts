import type { Spec } from '../spec/types.ts';

/**
 * The environment of the container: one entry a name, the last one given, in the order of their first appearance (as runc
 * does).
 * @param more entries behind those of config.json
 */
export function environmentOf({ process }: Spec, more: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of [...(process?.env ?? []), ...more]) byName.set(entry.slice(0, entry.indexOf('=')), entry);
  return [...byName.values()];
}

/** The value of a name in an environment. */
export function valueOf(environment: readonly string[], name: string): string | undefined {
  return environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
