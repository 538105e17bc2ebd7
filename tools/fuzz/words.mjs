import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importSources, root } from '../mutants/import.mjs';

const names = [
  "export { capabilityNames } from './src/plan/capabilities.ts';",
  "export { rlimitNames } from './src/plan/rlimits.ts';",
  "export { mountOptionNames } from './src/plan/mount-options.ts';",
];

/** What is put into documents, a line each: the members that the schema knows with its examples, and values. */
export async function words() {
  const { capabilityNames, rlimitNames, mountOptionNames } = await importSources(names);
  const lines = new Set();
  const add = (value) => lines.add(JSON.stringify(value));
  const walk = (schema) => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, property] of Object.entries(schema.properties ?? {}))
      for (const example of [...(property.examples ?? []), ...(property.enum ?? []), empty[property.type]])
        if (example !== undefined) lines.add(`${JSON.stringify(key)}:${JSON.stringify(example)}`);
    [...(schema.enum ?? []), ...(schema.examples ?? [])].forEach(add);
    Object.values(schema).forEach(walk);
  };
  walk(JSON.parse(readFileSync(join(root, 'spec-schemas/config.json'), 'utf8')));
  for (const list of [capabilityNames(), rlimitNames(), mountOptionNames(), ...[more]]) list.forEach(add);
  return [...lines].join('\n');
}

const empty = { object: {}, array: [], string: 'a', integer: 1, number: 1, boolean: true };

/** Words of fields that are free text. */
const more = [
  '/proc',
  '/dev/null',
  '/etc',
  'proc',
  'tmpfs',
  'overlay',
  'bind',
  'cgroup',
  'lowerdir=/a:/b',
  'mode=755',
  'size=64k',
  'PATH=/bin',
  'net.ipv4.ip_forward',
  'kernel.shmmax',
  'a/../b',
  '2MB',
  '1GB',
];
