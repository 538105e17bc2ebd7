import { readFileSync } from 'node:fs';
import t from 'tap';
import { validate } from '../validate/index.ts';
import { defaultSpec } from './default.ts';
import { lookAt } from './schema-fast.ts';

// Written by runc 1.1 on a hybrid host, with what newer versions changed: the version, no ambient capabilities, one
// masked path more; and our name.
const golden = (name: string): string => readFileSync(new URL(`golden/${name}.golden`, import.meta.url), 'utf8');
const text = (spec: unknown): string => JSON.stringify(spec, null, '\t') + '\n';

t.test('the default document is the one of runc', async (t) => {
  const spec = defaultSpec({ rootless: false, cgroup2: false, euid: 0, egid: 0 });
  t.equal(text(spec), golden('default'));
});

t.test('for a user without privileges, too', async (t) => {
  const spec = defaultSpec({ rootless: true, cgroup2: false, euid: 1000, egid: 100 });
  t.equal(text(spec), golden('rootless'));
});

t.test('cgroup v2 alone brings a cgroup namespace', async (t) => {
  const types = (rootless: boolean): string[] =>
    (defaultSpec({ rootless, cgroup2: true, euid: 1, egid: 1 }).linux?.namespaces ?? []).map(({ type }) => type);
  t.same(types(false), ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup']);
  t.same(types(true), ['pid', 'ipc', 'uts', 'mount', 'cgroup', 'user']);
});

t.test('the default document fits the schema and, without its terminal, breaks no rule', async (t) => {
  const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });
  t.same(lookAt(spec), { sure: true, rounded: false });
  const { errors, warnings } = validate({ ...spec, process: { ...spec.process, cwd: '/', terminal: false } });
  t.same(errors, []);
  t.same(warnings, []);
});
