import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { appears, arm, attacker, attacking, lines } from './outside.ts';

/** What every process may know of every other is no attack: that it is there. */
const gains = (file: string, names: RegExp): string[] => [
  ...new Set(lines(file).filter((line) => names.test(line) && !line.endsWith(' seen'))),
];

const sharing =
  (path: string): Edit =>
  (config) => {
    config.linux.namespaces = config.linux.namespaces.map((namespace) =>
      namespace.type === 'pid' ? { type: 'pid', path } : namespace,
    );
  };

const without =
  (type: string): Edit =>
  (config) => {
    config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== type);
  };

/** Start a container that tries to look into every process that it sees; gives its pid and its notes. */
const startTracer = (box: Sandbox, ...edits: Edit[]): { pid: number; notes: string } => {
  const bundle = arm(
    box.bundleIn('tracer', attacking('trace', '/notes/notes'), ...edits, (c) => void (c.root.readonly = false)),
  );
  mkdirSync(join(bundle, 'rootfs/notes'));
  return { pid: box.startReady(box.id('tracer'), bundle), notes: join(bundle, 'rootfs/notes/notes') };
};

/** The name of init while it waits, as `attacker trace` writes it. */
const initName = (runtime: string): RegExp => (basename(runtime).startsWith('ocirun') ? /^ocirun/ : /^(runc|exe|\d+)/);

/** CVE-2016-9962: who can trace an init before it has become its program, has all that it has open. */
for (const [where, edit] of Object.entries({
  'a joined pid namespace': undefined,
  'the pid namespace of the host': without('pid'),
}))
  conformance(`a neighbour in ${where} cannot look into an init that waits`, (t, box) => {
    const { pid, notes } = startTracer(box, ...(edit ? [edit] : []));
    const victim = box.bundle(
      edit ?? sharing(`/proc/${pid}/ns/pid`),
      (c) => void (c.process.args = ['/probe', 'sleep']),
    );
    for (const number of [1, 2, 3]) box.must(['create', '--bundle', victim, box.id(`n${number}`)]);
    t.ok(appears(notes, / seen$/), 'it sees other processes');
    t.ok(appears(notes, initName(box.runtime)), 'it sees the init that waits');
    t.strictSame(gains(notes, initName(box.runtime)), [], 'and gets nothing of it');
  });

conformance('a neighbour in the pid namespace of the host cannot look into the runtime', (t, box) => {
  const { notes } = startTracer(box, without('pid'));
  const bundle = box.bundle(without('pid'), (c) => void (c.process.args = ['/probe', 'exit', '0']));
  for (let number = 0; number < 30; number += 1) box.must(['run', '--bundle', bundle, box.id(`n${number}`)]);
  t.strictSame(gains(notes, /^(ocirun|runc|exe)/), []);
});

/** A hook stands for such a neighbour: it comes at the right moment. Nobody here may trace whom he likes. */
conformance(
  'not even one with as many rights can look into a runtime that shares its pid namespace',
  (t, box) => {
    const notes = box.path('notes');
    const hook = { path: attacker, args: ['attacker', 'look', notes] };
    const bundle = box.bundle(without('pid'), (c) => {
      c.process.args = ['/probe', 'exit', '0'];
      c['hooks'] = { createRuntime: [hook] };
    });
    const through = ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace'];
    box.must(['run', '--bundle', bundle, box.id()], { through });
    t.ok(lines(notes).some((line) => line.endsWith(' seen')));
    // Since Linux 6.15, who may watch performance (CAP_SYS_ADMIN, too) reads environ, maps and auxv of everybody.
    t.strictSame(gains(notes, / (?!environ|maps|auxv)/), []);
  },
  { only: 'ocirun' },
);
