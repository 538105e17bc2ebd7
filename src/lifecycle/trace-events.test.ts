import t from 'tap';
import { stepOf } from '../plan/steps.ts';
import { lasting, micro, naming, stepDetails, stepName } from './trace-events.ts';

void t.test('times are microseconds, to the nanosecond', async (t) => {
  t.equal(micro(1.5), 1500);
  t.equal(micro(27125633.615238), 27125633615.238);
  t.match(lasting('x', 'phase', [1, 2], [10, 10.25], { a: 1 }), {
    name: 'x',
    cat: 'phase',
    ph: 'X',
    pid: 1,
    tid: 2,
    ts: 10_000,
    dur: 250,
    args: { a: 1 },
  });
});

void t.test('a process and its thread have names', async (t) => {
  t.strictSame(
    naming(1, 2, 'ocirun run', 'phases').map(({ name, ph, args }) => [name, ph, args['name']]),
    [
      ['process_name', 'M', 'ocirun run'],
      ['thread_name', 'M', 'phases'],
    ],
  );
});

void t.test('a mount is called after its target, and told of with what asks for it', async (t) => {
  const mount = stepOf('mount', '/mounts/0', [], ['/proc', 'proc', 'proc'], [0]);
  t.equal(stepName(mount), '/proc');
  t.strictSame(stepDetails(mount, 3, []), {
    op: 'mount',
    step: 3,
    pointer: '/mounts/0',
    type: 'proc',
    source: 'proc',
  });
  const attach = stepOf('attach', '/mounts/1', [], ['/data'], [0, 9]);
  const source = { slot: 9, kind: 'tree', path: '/srv/data', recursive: false, pointer: '/mounts/1' } as const;
  t.strictSame(stepDetails(attach, 4, [source]), { op: 'attach', step: 4, pointer: '/mounts/1', source: '/srv/data' });
});

void t.test('other steps are called after what they do', async (t) => {
  t.equal(stepName(stepOf('hostname', '/hostname', [], ['box'])), 'hostname');
  t.strictSame(stepDetails(stepOf('dumpable', '', [0]), 0, []), { op: 'dumpable', step: 0 });
});
