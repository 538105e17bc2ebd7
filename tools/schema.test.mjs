// Our schemas say what upstream's say; the fast validator takes nothing that the schema refuses; types are not stale.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { predicateOf } from './schema-predicate.mjs';
import { fastSchema, readSchema } from './schema.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const upstream = path.join(root, '../shared/runtime-spec/schema');
const skip = existsSync(upstream) ? false : 'there is no ../shared/runtime-spec beside the checkout';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const compiled = Object.fromEntries(
  ['config', 'state', 'features'].map((name) => [name, new Ajv2020().compile(readSchema(name))]),
);
const ours = (name) => compiled[name];
const fastModule = `data:text/javascript,${encodeURIComponent(predicateOf(fastSchema(readSchema('config'))))}`;
const { default: fast, sawRounded } = await import(fastModule);

/** Upstream's schemas are written for draft 4, but use nothing that draft 7 reads differently. */
function theirs(name) {
  const ajv = new Ajv({ strict: false });
  for (const file of readdirSync(upstream).filter((entry) => entry.endsWith('.json'))) {
    const { $schema: _draft4, ...schema } = readJson(path.join(upstream, file));
    ajv.addSchema(schema, file);
  }
  return ajv.getSchema(`${name}-schema.json`);
}

/** What a pattern of ours takes. */
const words = {
  '^RLIMIT_[A-Z]+$': 'RLIMIT_NOFILE',
  '^[1-9][0-9]*[KMG]B$': '2MB',
  '^[cbup]$': 'c',
  '^MB:[^\\n]*$': 'MB:0=10',
  '^[0-9, -]*$': '0-3, 5',
  '^CAP_[A-Z_]+$': 'CAP_KILL',
};

/** A document that has every property which the schema knows. */
function fullDocument(schema, definitions = schema.$defs) {
  if (schema.$ref) return fullDocument(definitions[schema.$ref.slice('#/$defs/'.length)], definitions);
  if (schema.enum) return schema.enum[0];
  if (schema.pattern) return words[schema.pattern];
  if (schema.additionalProperties) return { name: fullDocument(schema.additionalProperties, definitions) };
  const make = {
    string: () => 'text',
    boolean: () => true,
    integer: () => schema.minimum ?? 0,
    array: () => [fullDocument(schema.items, definitions)],
    object: () =>
      Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, member]) => [name, fullDocument(member, definitions)]),
      ),
  };
  return make[schema.type]();
}

const numbers = [-1, 0, 1, 1.5, 255, 256, 511, 512, 65536, 2 ** 31, 2 ** 32, 2 ** 63, 2 ** 64, -(2 ** 63), 1e300];
const texts = [
  '',
  'x',
  'RLIMIT_X',
  'RLIMIT_1',
  '64kB',
  '2MB',
  '0MB',
  'cb',
  'MB:',
  'mount pid',
  ' ',
  'inherit',
  'disable',
];
const others = [null, true, false, [], [1], ['x'], [[]], {}, { '': 1 }, { x: 1 }, { x: 'x' }, { x: {} }, [{}]];
const replacements = [...numbers, ...texts, ...others];

/** Run `check` with every document that has one value of this one replaced, removed or added. Restores it. */
function eachMutation(document, check) {
  const visit = (holder, where) => {
    for (const name of Object.keys(holder)) {
      const value = holder[name];
      for (const replacement of replacements) {
        holder[name] = replacement;
        check(document, `${where}/${name} = ${JSON.stringify(replacement)}`);
      }
      if (!Array.isArray(holder)) {
        delete holder[name];
        check(document, `${where}/${name} removed`);
      }
      holder[name] = value;
      if (typeof value === 'object' && value !== null) visit(value, `${where}/${name}`);
    }
    if (Array.isArray(holder)) return;
    for (const name of ['', 'unknown']) {
      holder[name] = 7;
      check(document, `${where}/${name} added`);
      delete holder[name];
    }
  };
  check(document, 'as it is');
  visit(document, '');
}

/** What engines write and runc takes, though upstream's schema does not: the type of a device in its mode. */
const isWider = (what) => /\/fileMode = 512$/.test(what);

const testDocuments = (name, kind) => {
  const folder = path.join(upstream, 'test', name, kind);
  return readdirSync(folder).map((file) => [`${kind}/${file}`, readFileSync(path.join(folder, file), 'utf8')]);
};

for (const name of ['config', 'state', 'features']) {
  test(`${name}: upstream's documents and all their mutations get upstream's verdict`, { skip }, () => {
    const [our, their] = [ours(name), theirs(name)];
    let count = 0;
    const same = (document, what) => {
      count++;
      assert.equal(our(document), their(document) || isWider(what), what);
    };
    for (const [file, text] of testDocuments(name, 'good')) {
      assert.ok(our(JSON.parse(text)), file);
      eachMutation(JSON.parse(text), (document, what) => same(document, `${file}: ${what}`));
    }
    for (const [file, text] of testDocuments(name, 'bad')) {
      if (file.endsWith('/invalid-json.json')) assert.throws(() => JSON.parse(text), SyntaxError);
      else assert.equal(our(JSON.parse(text)), false, file);
    }
    eachMutation(fullDocument(readSchema(name)), same);
    assert.ok(count > 100, `${count} documents`);
  });
}

test('every property of our schemas is one of upstream', { skip }, () => {
  const known = readdirSync(upstream)
    .filter((file) => file.endsWith('.json'))
    .map((file) => readFileSync(path.join(upstream, file), 'utf8'))
    .join();
  const missing = [];
  const visit = (schema) => {
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (name !== '' && !known.includes(`"${name}"`)) missing.push(name);
      visit(member);
    }
    if (schema.items) visit(schema.items);
    for (const definition of Object.values(schema.$defs ?? {})) visit(definition);
  };
  for (const name of ['config', 'state', 'features']) visit(readSchema(name));
  assert.deepEqual(missing, []);
});

/** Documents by what they show, and whether they fit. */
const documents = [
  ['the least there can be', { ociVersion: '1.3.0' }, true],
  ['no version', { root: { path: 'rootfs' } }, false],
  ['a list', [], false],
  ['nothing', null, false],
  ['a root without a path', { ociVersion: '1.3.0', root: {} }, false],
  ['a process without a directory', { ociVersion: '1.3.0', process: { args: ['sh'] } }, false],
  ['an unknown property', { ociVersion: '1.3.0', future: { of: ['anything'] } }, true],
  ['null for a list', { ociVersion: '1.3.0', mounts: null }, false],
  [
    'a size of huge pages that no kernel writes',
    linux({ resources: { hugepageLimits: [{ limit: 1, pageSize: '4kB' }] } }),
    false,
  ],
  ['a rare size of huge pages', linux({ resources: { hugepageLimits: [{ limit: 1, pageSize: '4KB' }] } }), true],
  ['a network device named by a number', linux({ netDevices: { eth0: { name: 1 } } }), false],
  ['a network device that keeps its name', linux({ netDevices: { eth0: {} } }), true],
  ['RDMA handles in words', linux({ resources: { rdma: { mlx5_0: { hcaHandles: 'many' } } } }), false],
  ['two namespaces in one string', linux({ namespaces: [{ type: 'mount pid' }] }), false],
  ['a namespace that is the list of all of them', linux({ namespaces: [{ type: ' mount' }] }), false],
  ['an id above 32 bits', { ociVersion: '1.3.0', process: { cwd: '/', user: { uid: 2 ** 32 } } }, false],
  ['an annotation that is no string', { ociVersion: '1.3.0', annotations: { a: 1 } }, false],
  ['other platforms', { ociVersion: '1.3.0', zos: {}, freebsd: { jail: { vnet: 'new' } }, solaris: {} }, true],
  ['a jail that disables vnet', { ociVersion: '1.3.0', freebsd: { jail: { vnet: 'disable' } } }, false],
];

function linux(value) {
  return { ociVersion: '1.3.0', linux: value };
}

for (const [name, document, good] of documents) {
  test(`${name} ${good ? 'fits' : 'does not fit'}`, () => {
    assert.equal(ours('config')(document), good);
    assert.ok(good || !fast(document));
  });
}

test('what the fast validator is sure of fits the schema, whatever is changed', () => {
  const full = ours('config');
  const document = fullDocument(readSchema('config'));
  assert.ok(full(document));
  let sure = 0;
  const check = (mutated, what) => {
    if (!fast(mutated)) return;
    sure++;
    assert.ok(full(mutated), what);
  };
  // As it is, it has other platforms and rare values, of which the fast validator is never sure.
  eachMutation(document, check);
  for (const name of ['solaris', 'windows', 'vm', 'zos', 'freebsd']) delete document[name];
  delete document.linux.intelRdt;
  document.process.execCPUAffinity = {};
  assert.ok(fast(document));
  let unsure = 0;
  eachMutation(document, (mutated, what) => {
    check(mutated, what);
    if (!fast(mutated) && full(mutated)) unsure++;
  });
  assert.ok(sure > 1000, `sure of ${sure} documents`);
  assert.ok(unsure < 50, `not sure of ${unsure} good documents`);
});

test('integers that a number cannot hold are seen', () => {
  const limits = (soft) => ({
    ociVersion: '1',
    process: { cwd: '/', rlimits: [{ type: 'RLIMIT_AS', soft, hard: soft }] },
  });
  assert.deepEqual([fast(limits(2 ** 53)), sawRounded()], [true, true]);
  assert.deepEqual([fast(limits(2 ** 53 - 1)), sawRounded()], [true, false]);
});

test('the committed types are made from the schema', () => {
  execFileSync(process.execPath, [path.join(root, 'tools/schema.mjs'), '--check']);
});

test('a keyword that the tools do not know is an error', () => {
  assert.throws(() => predicateOf({ $defs: {}, type: 'object', minProperties: 1 }), /minProperties is not known/);
  assert.throws(() => fastSchema({ properties: { a: { type: 'string', pattern: 'x' } } }), /pattern x/);
});
