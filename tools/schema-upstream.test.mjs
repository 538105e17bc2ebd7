// Our schemas say what upstream's say, of upstream's documents and of others; what is different is in a list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { eachMutation, fullDocument, replacements } from './schema/documents.mjs';
import { propertiesOf, skip, testDocuments, validator } from './schema/upstream.mjs';
import { readSchema } from './schema.mjs';

const names = ['config', 'state', 'features'];

/** Values that we take and upstream does not: where, which, what upstream would take there, and why. */
const wider = [
  {
    where: ['linux', 'devices', '*', 'fileMode'],
    reason: 'podman writes the type of the device into its mode, and every runtime takes it',
    instead: (value) => (Number.isInteger(value) && value > 511 && value <= 65535 ? 511 : value),
  },
  {
    where: ['linux', 'rootfsPropagation'],
    reason: 'runc and the engines write the recursive types, and every runtime takes them',
    instead: (value) => (/^r(private|shared|slave|unbindable)$/.test(value) ? value.slice(1) : value),
  },
];

/** Properties that only our schema has: any value fits them, so they change no verdict. */
const more = {
  config: ['/$schema'],
  state: [],
  features: ['/linux/memoryPolicy', '/linux/intelRdt/schemata', '/linux/intelRdt/monitoring'],
};

const isObject = (value) => typeof value === 'object' && value !== null;

/** The document as upstream's schema would take it if ours is right about it. */
function withoutWider(document) {
  const copy = structuredClone(document);
  const change = (holder, [name, ...rest], instead) => {
    if (!isObject(holder)) return;
    for (const key of name === '*' ? Object.keys(holder) : [name]) {
      if (rest.length > 0) change(holder[key], rest, instead);
      else if (Object.hasOwn(holder, key)) holder[key] = instead(holder[key]);
    }
  };
  for (const { where, instead } of wider) change(copy, where, instead);
  return copy;
}

/** A check that both say the same of a document. */
function comparison(name) {
  const [ours, theirs] = [new Ajv2020().compile(readSchema(name)), validator(name)];
  return (document, what) => {
    const verdict = ours(document);
    if (verdict !== theirs(document))
      assert.equal(verdict, theirs(withoutWider(document)), what ?? JSON.stringify(document));
    return verdict;
  };
}

for (const name of names) {
  test(`upstream: ${name}: its documents and all their mutations get its verdict`, { skip }, () => {
    const ours = new Ajv2020().compile(readSchema(name));
    const same = comparison(name);
    for (const [file, text] of testDocuments(name, 'good')) {
      assert.ok(ours(JSON.parse(text)), file);
      eachMutation(JSON.parse(text), (document, what) => same(document, `${file}: ${what}`));
    }
    for (const [file, text] of testDocuments(name, 'bad')) {
      if (file.endsWith('/invalid-json.json')) assert.throws(() => JSON.parse(text), SyntaxError);
      else assert.equal(ours(JSON.parse(text)), false, file);
    }
    eachMutation(fullDocument(readSchema(name)), same);
  });
}

/** Every place in a document, as [holder, name]. */
function places(document) {
  const found = [];
  const visit = (holder) => {
    for (const [name, value] of Object.entries(holder)) {
      found.push([holder, name]);
      if (isObject(value)) visit(value);
    }
  };
  visit(document);
  return found;
}

/** Words and numbers that stand at the edge of something in the schemas, and others. */
const values = fc.oneof(
  fc.constantFrom(...replacements, 'rprivate', 'rslave', 'disable', 'SCMP_ACT_LOG', 438, 8630, 65535),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.stringMatching(/^(RLIMIT_|CAP_|MB:)?[A-Z0-9kKMGB:,_ \n-]{0,6}$/),
  fc.jsonValue({ maxDepth: 2 }),
);

/** One to three changes: which place, what is done there. */
const changes = fc.array(
  fc.record({
    place: fc.nat(),
    kind: fc.constantFrom('replace', 'replace', 'remove', 'add', 'copy'),
    name: fc.constantFrom('', 'unknown', 'type', 'path', 'linux', 'resources', 'limit'),
    value: values,
  }),
  { minLength: 1, maxLength: 3 },
);

function mutate(document, list) {
  for (const { place, kind, name, value } of list) {
    const all = places(document);
    if (all.length === 0) return;
    const [holder, key] = all[place % all.length];
    if (kind === 'replace') holder[key] = structuredClone(value);
    else if (kind === 'copy') holder[key] = structuredClone(all[(place * 7) % all.length][0]);
    else if (kind === 'add' && !Array.isArray(holder)) holder[name] = structuredClone(value);
    else if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  }
}

const full = process.env.OCIRUN_TEST_FULL === '1';

for (const name of names) {
  test(`upstream: ${name}: random mutations get its verdict`, { skip }, (t) => {
    const bases = [
      fullDocument(readSchema(name)),
      ...readSchema(name).examples,
      ...testDocuments(name, 'good').map(([, text]) => JSON.parse(text)),
    ];
    const same = comparison(name);
    const seed = Number(process.env.OCIRUN_TEST_SEED ?? Date.now() % 2 ** 31);
    const numRuns = full ? 2000 : 100;
    t.diagnostic(`${name}: ${numRuns} mutations, OCIRUN_TEST_SEED=${seed}`);
    const verdicts = [];
    const property = fc.property(fc.nat(), changes, (base, list) => {
      const document = structuredClone(bases[base % bases.length]);
      mutate(document, list);
      verdicts.push(same(document));
    });
    fc.assert(property, { seed, numRuns });
    const good = verdicts.filter(Boolean).length;
    t.diagnostic(`${good} of ${verdicts.length} documents are good`);
    assert.ok(good > numRuns / 20 && good < numRuns * 0.95, `${good} of ${verdicts.length} documents are good`);
  });
}

test('upstream: the same properties', { skip }, () => {
  for (const name of names) {
    const known = [...propertiesOf(name), ...more[name]];
    assert.deepEqual([...ourProperties(name)].sort(), [...new Set(known)].sort());
  }
});

/** Every property of our schema, as upstream's `propertiesOf` has them. */
function ourProperties(name) {
  const root = readSchema(name);
  const found = new Set();
  const visit = (reference, pointer) => {
    const schema = reference.$ref ? root.$defs[reference.$ref.slice('#/$defs/'.length)] : reference;
    for (const [property, member] of Object.entries(schema.properties ?? {})) {
      if (member === true) continue;
      found.add(`${pointer}/${property}`);
      visit(member, `${pointer}/${property}`);
    }
    if (schema.additionalProperties) visit(schema.additionalProperties, `${pointer}/{}`);
    if (schema.items) visit(schema.items, `${pointer}/[]`);
  };
  visit(root, '');
  return found;
}

test('upstream: what only our schemas take is taken', { skip }, () => {
  const [ours, theirs] = [new Ajv2020().compile(readSchema('config')), validator('config')];
  const documents = [
    { ociVersion: '1.3.0', linux: { devices: [{ type: 'c', path: '/dev/fuse', fileMode: 8630 }] } },
    { ociVersion: '1.3.0', linux: { rootfsPropagation: 'rslave' } },
  ];
  for (const document of documents) assert.deepEqual([ours(document), theirs(document)], [true, false]);
  assert.equal(documents.length, wider.length);
  for (const { where, reason } of wider) assert.ok(where.length > 0 && reason);
});
