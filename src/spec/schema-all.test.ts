import { readFileSync, readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import t from 'tap';
import { defaultSpec } from './default.ts';
import { schemaFaults } from './schema-all.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strict: false });
const validate = ajv.compile(read('spec-schemas/config.json') as object);

/** The places that ajv finds wrong; of what is missing, where it should be. */
function theirs(document: unknown): string[] {
  if (validate(document)) return [];
  const pointers = (validate.errors ?? []).map(({ instancePath, params }) => {
    const missing: unknown = (params as Record<string, unknown>)['missingProperty'];
    return typeof missing === 'string' ? `${instancePath}/${missing}` : instancePath;
  });
  return [...new Set(pointers)].sort();
}

const ours = (document: unknown): string[] =>
  schemaFaults(document)
    .map(({ pointer }) => pointer)
    .sort();

const good: readonly unknown[] = [
  defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 }),
  ...readdirSync(new URL('bench/configs', root))
    .filter((name) => name.endsWith('-mounts.json'))
    .map((name) => read(`bench/configs/${name}`)),
  { ociVersion: '1.3.0', linux: { seccomp: read('bench/configs/docker-seccomp.json') } },
  ...((read('spec-schemas/config.json') as { examples?: unknown[] }).examples ?? []),
];

/** Every place of a value, as a list of names. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesOf(member, [...path, name]))];
}

type Holder = Record<string, unknown>;

/** A copy with the value at a place replaced, or removed where the new one is undefined. */
function changed(document: unknown, path: readonly string[], value: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const copy = JSON.parse(JSON.stringify(document)) as Holder;
  let holder = copy;
  for (const name of path.slice(0, -1)) holder = holder[name] as Holder;
  if (value === undefined && !Array.isArray(holder)) Reflect.deleteProperty(holder, last);
  else holder[last] = value ?? null;
  return copy;
}

const replacement = fc.oneof(
  fc.constantFrom(255, 256, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 63, 2 ** 64, 1),
  fc.constantFrom(undefined, null, true, -1, 0, 0.5, 2 ** 31, 2 ** 32, 2 ** 64, -(2 ** 63), 1e300, '', 'x', 'pid'),
  fc.constantFrom<unknown>([], {}, [1], ['x'], [[]], [{}], { '': 1 }, { x: 1 }, { path: 1 }, { type: 'RLIMIT_X' }),
  fc.jsonValue({ maxDepth: 2 }),
);

t.test('good documents have no faults', async (t) => {
  for (const document of good) t.same(schemaFaults(document), []);
});

t.test('what ajv finds wrong is found, and nothing else', async (t) => {
  const change = fc.tuple(fc.nat(), replacement);
  fc.assert(
    fc.property(fc.nat(), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
      let document = good[which % good.length];
      for (const [at, value] of changes) {
        const places = placesOf(document);
        document = changed(document, places[at % places.length] ?? [], value);
      }
      t.same(ours(document), theirs(document), JSON.stringify(changes));
    }),
    { numRuns: process.env['OCIRUN_TEST_FULL'] === '1' ? 2000 : 200 },
  );
});

t.test('each fault says what must be there', async (t) => {
  const document = {
    process: { cwd: 1, user: { uid: -1 }, rlimits: [{ type: 'x', soft: 0.5, hard: 2 ** 65 }] },
    linux: { rootfsPropagation: 'x', seccomp: { defaultAction: 'SCMP_ACT_LOG', syscalls: [{ names: [], action: 5 }] } },
  };
  const messages = Object.fromEntries(schemaFaults(document).map(({ pointer, message }) => [pointer, message]));
  t.match(messages, {
    '/ociVersion': 'is missing: it must be a string',
    '/process/cwd': 'must be a string',
    '/process/user/uid': 'must be at least 0',
    '/process/rlimits/0/type': 'must match ^RLIMIT_[A-Z]+$',
    '/process/rlimits/0/soft': 'must be an integer',
    '/process/rlimits/0/hard': 'must be at most 18446744073709551615',
    '/linux/rootfsPropagation': /^must be one of private, shared, /,
    '/linux/seccomp/syscalls/0/names': 'must have at least 1 item(s)',
    '/linux/seccomp/syscalls/0/action': 'must be a string',
  });
});
