// Makes the first corpus: node tools/fuzz/seeds.mjs. What coverage finds comes beside it by `npm run fuzz -- --keep`.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importSources, root } from '../mutants/import.mjs';

const corpus = (target) => join(root, 'addon/fuzz/corpus', target);

function save(target, name, content) {
  mkdirSync(corpus(target), { recursive: true });
  writeFileSync(join(corpus(target), name), content);
}

const { buildPlan, encodePlan, exampleRequest, defaultSpec, ops } = await importSources([
  "export { buildPlan } from './src/plan/build.ts';",
  "export { encodePlan } from './src/plan/encode.ts';",
  "export { exampleRequest } from './src/plan/example.ts';",
  "export { defaultSpec } from './src/spec/default.ts';",
  "export { ops } from './src/plan/steps.ts';",
]);

const encodeText = (text) => new TextEncoder().encode(text);

const planOf = (spec) => encodePlan(buildPlan({ ...exampleRequest, spec }), encodeText);

const configs = join(root, 'bench/configs');
const documents = { default: JSON.stringify(defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 })) };
for (const name of readdirSync(configs).filter((name) => name.endsWith('.json')))
  documents[name.replace('.json', '')] = JSON.stringify(JSON.parse(readFileSync(join(configs, name), 'utf8')));
for (const [name, text] of Object.entries(documents)) {
  save('config', name, text);
  save('plan', name, planOf(JSON.parse(text)));
}

// Every op, with more operands than any needs.
const step = (op) => ({ op, pointer: '/a', slots: [1, 9], nums: [1, 0, 0, 0, 0, 0, 0], strs: ['a', '/b', 'c=d', 'e'] });
const all = Object.keys(ops).map(step);
save(
  'plan',
  'every-op',
  encodePlan({ stage1: all.slice(0, 3), stage2: all.slice(3), sources: [], warnings: [] }, encodeText),
);
for (const op of Object.keys(ops)) save('plan', `op-${op}`, encodePlan({ stage1: [], stage2: [step(op)] }, encodeText));

// One field after the other, in a document of few.
const schema = JSON.parse(readFileSync(join(root, 'spec-schemas/config.json'), 'utf8'));
const base = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { cwd: '/', args: ['a'], user: { uid: 0, gid: 0 } },
};
const resolved = (part) => (part?.$ref ? { ...schema.$defs[part.$ref.split('/').at(-1)], ...part } : (part ?? {}));

/** A value for a part of the schema: its own example, else one that is made of its parts'. */
function exampleOf(part, depth = 0) {
  const {
    examples,
    default: usual,
    enum: words,
    type,
    properties,
    required = [],
    items,
    oneOf,
    anyOf,
    minimum = 1,
  } = resolved(part);
  const first = examples?.[0] ?? usual ?? words?.[0];
  if (first !== undefined || depth > 6) return first;
  if (properties)
    return Object.fromEntries(
      Object.keys(properties)
        .filter((key) => depth < 3 || required.includes(key))
        .map((key) => [key, exampleOf(properties[key], depth + 1)]),
    );
  if (type === 'array') return [exampleOf(items, depth + 1)];
  if (oneOf ?? anyOf) return exampleOf((oneOf ?? anyOf)[0], depth + 1);
  return { object: {}, string: 'a', integer: minimum, number: minimum, boolean: true }[type];
}

const containers = { process: schema.$defs.Process, linux: schema.$defs.Linux, '': schema };
for (const [part, { properties = {} }] of Object.entries(containers))
  for (const [key, property] of Object.entries(properties)) {
    const value = exampleOf(property);
    if (value === undefined) continue;
    const document = part === '' ? { ...base, [key]: value } : { ...base, [part]: { ...base[part], [key]: value } };
    save('config', `${part || 'top'}-${key}`, JSON.stringify(document));
  }

const broken = [
  '',
  '{',
  '[]',
  'null',
  '{"ociVersion":"1.0.2"}',
  '{"ociVersion": "1.0.2", "process": {"cwd": "/",}}',
  '\ufeff{}',
  '{"a": "\\ud800"}',
];
broken.forEach((text, index) => save('config', `broken-${index}`, text));

const passwd = (uid, file, piece = 0) =>
  Buffer.concat([Buffer.from(Uint32Array.of(uid).buffer), Buffer.from([piece]), Buffer.from(file)]);
const usual = 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:,,,:/home/user:/bin/sh\nlast:x:4294967294:1::/last:';
save('passwd', 'usual', passwd(1000, usual));
save('passwd', 'pieces', passwd(4294967294, usual, 3));
for (const length of [4095, 4096]) save('passwd', `home-${length}`, passwd(7, `a:b:7:0:x:${'/'.repeat(length)}:s\n`));
save('passwd', 'long', passwd(7, `${'x'.repeat(16383)}\na:b:7:0:x:/seven\n`, 150));
save('passwd', 'short', passwd(7, ':::\na:b:7\na:b:7:::\na:b:7:::/h', 1));
