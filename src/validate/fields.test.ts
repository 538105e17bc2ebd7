import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Spec } from '../spec/types.ts';
import { ignoredFields, speciallyTreatedFields, supportedFields } from './fields.ts';
import { validate } from './index.ts';
import { refusedFields } from './not-supported.ts';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

const file = new URL('../../spec-schemas/config.json', import.meta.url);
const root = JSON.parse(readFileSync(file, 'utf8')) as Schema;

const resolve = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.slice('#/$defs/'.length)] ?? {});

const words = (text: string): string[] => text.trim().split(/\s+/);
const refused = Object.entries(refusedFields).flatMap(([parent, names]) => names.map((name) => `${parent}/${name}`));
const lists = {
  supported: words(supportedFields),
  ignored: words(ignoredFields),
  special: words(speciallyTreatedFields),
  refused,
};
const listed = Object.values(lists).flat();

/** The properties, down to those that are in a list. */
function* fieldsOf(reference: Schema, pointer: string): Generator<string> {
  const schema = resolve(reference);
  const members = Object.entries(schema.properties ?? {}).filter(([name]) => name !== '');
  if (pointer !== '' && (listed.includes(pointer) || (members.length === 0 && !schema.items))) {
    yield pointer;
    return;
  }
  for (const [name, member] of members) yield* fieldsOf(member, `${pointer}/${name}`);
  if (schema.items) yield* fieldsOf(schema.items, `${pointer}/[]`);
}

t.test('every field of the schema is supported, refused or ignored, and no other is', async (t) => {
  t.same([...fieldsOf(root, '')].sort(), [...listed].sort());
  t.equal(new Set(listed).size, listed.length);
});

/** What is sound, where not every value of the type is: rules.test.ts has what is not. */
const sound: Readonly<Record<string, unknown>> = {
  '/linux/namespaces': [{ type: 'mount' }, { type: 'network' }],
  '/linux/netDevices': { eth0: { name: 'eth1' } },
  '/linux/intelRdt': { closID: 'group', schemata: ['L3:0=f'] },
  '/linux/resources/unified': { 'memory.high': '1' },
  '/linux/resources/cpu': { shares: 0, cpus: '0-1' },
  '/linux/resources/hugepageLimits': [{ pageSize: '2MB', limit: 0 }],
  '/process/execCPUAffinity': { initial: '0', final: '0-1' },
};

/** A value of the schema that asks for something. */
function sample(reference: Schema): unknown {
  const schema = resolve(reference);
  if (schema.enum) return schema.enum[0];
  if (schema.additionalProperties) return { name: sample(schema.additionalProperties) };
  if (schema.type === 'array') return [sample(schema.items ?? {})];
  if (schema.type === 'object')
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, sample(member)]));
  return { string: 'text', boolean: true, integer: 0 }[schema.type ?? ''];
}

/** A document that breaks no rule, with one more value. */
function documentWith(pointer: string): Spec {
  const document = {
    ociVersion: '1.3.0',
    root: { path: 'rootfs' },
    process: { cwd: '/', args: ['sh'] },
    linux: { namespaces: sound['/linux/namespaces'] },
  };
  let [schema, value]: [Schema, Record<string, unknown>] = [root, document];
  const names = pointer.slice(1).split('/');
  const last = names.pop() ?? '';
  for (const name of names) {
    schema = resolve(resolve(schema).properties?.[name] ?? {});
    value = (value[name] ??= {}) as Record<string, unknown>;
  }
  value[last] = sound[pointer] ?? sample(resolve(schema).properties?.[last] ?? {});
  return document as unknown as Spec;
}

t.test('every field in the list of the refused is refused by its pointer', async (t) => {
  for (const pointer of lists.refused) {
    const { errors } = validate(documentWith(pointer));
    t.same(
      errors.map(({ code, message, details }) => [code, message, details.pointer]),
      [['E_NOT_SUPPORTED_YET', 'not supported yet', pointer]],
      pointer,
    );
  }
});

t.test('every ignored field is taken', async (t) => {
  for (const pointer of lists.ignored) {
    const { errors, warnings } = validate(documentWith(pointer));
    t.same(errors, [], pointer);
    // Only what is for another platform is worth a word: the rest is ignored as the specification has it.
    for (const { details } of warnings) t.match(details, { pointer, rule: 'otherPlatformsAreIgnored' }, pointer);
  }
});
