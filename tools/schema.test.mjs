// What is made of our schemas: the fast validator takes nothing that the schema refuses; types are not stale.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { eachMutation, fullDocument } from './schema/documents.mjs';
import { predicateOf } from './schema-predicate.mjs';
import { bareSchema, fastSchema, readSchema } from './schema.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const full = new Ajv2020().compile(readSchema('config'));
const fastModule = `data:text/javascript,${encodeURIComponent(predicateOf(fastSchema(readSchema('config'))))}`;
const { default: fast, sawRounded } = await import(fastModule);

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
    assert.equal(full(document), good);
    assert.ok(good || !fast(document));
  });
}

test('what the fast validator is sure of fits the schema, whatever is changed', () => {
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

test('no validator is made of texts', () => {
  const schema = { $id: 'urn:x', title: 'T', description: 'd', examples: [{}], type: 'object' };
  const members = { title: { type: 'string', default: '', deprecated: true }, list: { items: { description: 'd' } } };
  assert.deepEqual(bareSchema({ ...schema, properties: members }), {
    type: 'object',
    properties: { title: { type: 'string' }, list: { items: {} } },
  });
});

test('a keyword that the tools do not know is an error', () => {
  assert.throws(() => predicateOf({ $defs: {}, type: 'object', minProperties: 1 }), /minProperties is not known/);
  assert.throws(() => fastSchema({ properties: { a: { type: 'string', pattern: 'x' } } }), /pattern x/);
});
