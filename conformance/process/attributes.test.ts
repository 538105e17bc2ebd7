import { readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Config, type Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';
import { sinceRunc } from '../lib/version.ts';

const set = (name: string, value: unknown): Edit => {
  return (config) => void (config.process[name] = value);
};

conformance('keyring: two containers have each their own, and the caller keeps its own', (t, box) => {
  const ids = ['a', 'b'].map((suffix) => {
    const { stdout } = box.must(['run', '--bundle', box.bundle(), box.id(suffix)]);
    const report = JSON.parse(stdout) as Report;
    t.equal(report.keyring, `_ses.${box.id(suffix)}`);
    return report.keyringId;
  });
  t.not(ids[0], ids[1]);
});

conformance('keyring: with --no-new-keyring two containers share the one of the caller', (t, box) => {
  const ids = ['a', 'b'].map((suffix) => {
    const { stdout } = box.must(['run', '--no-new-keyring', '--bundle', box.bundle(), box.id(suffix)]);
    return (JSON.parse(stdout) as Report).keyringId;
  });
  t.equal(ids[0], ids[1]);
});

conformance('execCPUAffinity: it is no matter for the first process', (t, box) => {
  const all = readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();
  const report = box.report([set('execCPUAffinity', { initial: '0', final: '0' })]);
  t.equal(report.status['cpus'], all);
});

conformance(
  'execCPUAffinity: a list that is none is refused',
  (t, box) => {
    for (const value of [{ initial: 'x' }, { final: '0,x' }, { initial: '1;2' }]) {
      const result = box.call(['create', '--bundle', box.bundle(set('execCPUAffinity', value)), box.id()]);
      t.equal(result.status, 1, JSON.stringify(value));
      t.match(result.stderr, /affinity/i);
      t.strictSame(box.ids(), []);
    }
  },
  { unless: sinceRunc('1.3.0') },
);

conformance('consoleSize: without a terminal it is ignored', (t, box) => {
  const bundle = box.bundle(set('consoleSize', { height: 10, width: 20 }), probing('exit', '7'));
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
});

conformance('the process that waits to be started bears a name of the runtime', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  t.match(readFileSync(`/proc/${String(box.state()?.['pid'])}/comm`, 'utf8'), /^(runc:|ocirun-init\n)/);
});

conformance('the process that waits to be started shows nothing of the runtime’s environment', (t, box) => {
  const env = { ...process.env, OCIRUN_TEST_SECRET: 'x' };
  box.must(['create', '--bundle', box.bundle(), box.id()], { env });
  t.notMatch(readFileSync(`/proc/${String(box.state()?.['pid'])}/environ`, 'utf8'), 'OCIRUN_TEST_SECRET');
});

conformance('a config without a process is none to create from', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle((c) => delete (c as Partial<Config>).process), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'process property must not be empty');
  t.strictSame(box.ids(), []);
});

conformance('a process without arguments is refused', (t, box) => {
  const none: Edit = (config) => delete (config.process as Partial<Config['process']>).args;
  for (const edit of [none, set('args', [])]) {
    const result = box.call(['create', '--bundle', box.bundle(edit), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, 'args must not be empty');
    t.strictSame(box.ids(), []);
  }
});

conformance('fields of other systems are ignored', (t, box) => {
  const bundle = box.bundle(set('commandLine', 'cmd.exe /c x'), probing('exit', '7'), (c) => {
    Object.assign(c.process.user, { username: 'ContainerUser' });
    Object.assign(c, { windows: { layerFolders: ['x'] }, solaris: { milestone: 'x' } });
  });
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
});

conformance('annotations: values that are no text are refused', (t, box) => {
  for (const value of [1, true, null, ['x'], {}]) {
    const bundle = box.bundle((c) => void Object.assign(c, { annotations: { 'org.example': value } }));
    const result = box.call(['create', '--bundle', bundle, box.id()]);
    if (value !== null) t.equal(result.status, 1, JSON.stringify(value));
    else t.ok(true, 'what null means is said nowhere');
    if (result.status === 0) box.must(['delete', '--force', box.id()]);
  }
});

conformance('annotations: any name and any text come back from state and list', (t, box) => {
  const annotations = { 'org.example/ü': 'a "b" \\ \n \u{1f600}', empty: '', 'io.kubernetes.x': '{"a":[1]}' };
  box.must(['create', '--bundle', box.bundle((c) => void (c.annotations = annotations)), box.id()]);
  t.strictSame(box.state()?.['annotations'], annotations);
  const listed = JSON.parse(box.must(['list', '--format', 'json']).stdout) as { annotations: unknown }[];
  t.strictSame(listed[0]?.annotations, annotations);
});
