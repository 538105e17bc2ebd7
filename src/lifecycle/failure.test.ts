import t from 'tap';
import { stepOf } from '../plan/steps.ts';
import type { Native } from '../sys/native.ts';

globalThis.ocirunNative = {
  describeErrno: () => ['EINVAL', 'Invalid argument'],
  decodeText: (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
  lazy: () => explainMount,
  getids: () => [0, 0, 0, 0],
  capabilities: () => [],
  open: () => {
    throw Object.assign(new Error('no such file'), { errno: 2, code: 'ENOENT', syscall: 'open' });
  },
} as unknown as Native;

const explainMount = await import('./explain-mount-part.ts');
const { stepFailure } = await import('./failure.ts');

const record = (detail: string) =>
  ({ kind: 'failure', a: 0, b: 22, detail: new TextEncoder().encode(detail) }) as Parameters<typeof stepFailure>[1];

t.test('a step that failed is told by what it did, to what, of which part of the config', async (t) => {
  const error = stepFailure(stepOf('hostname', '/hostname', [], ['box']), record(''));
  t.match(error, {
    message: 'sethostname box: invalid argument',
    code: 'E_INIT_STEP',
    details: { pointer: '/hostname', step: 'hostname' },
  });
});

t.test('of a list of paths, the one that failed is named', async (t) => {
  const mask = stepOf('mask', '/linux/maskedPaths', [], ['/a', '/b', '/b/c']);
  const hidden = 'files are hidden behind /dev/null, which is missing in the root filesystem';
  const tell = (detail: string): unknown => {
    const { message, details } = stepFailure(mask, record(detail));
    return [message, details.pointer];
  };
  t.same(tell('/b'), ['mask path /b: invalid argument', '/linux/maskedPaths/1']);
  t.same(tell('/b/c: /dev/null'), ['mask path /b/c: ' + hidden + ': invalid argument', '/linux/maskedPaths/2']);
  t.same(tell('/other'), ['mask path /a (/other): invalid argument', '/linux/maskedPaths']);
  const readonly = stepOf('readonlyPath', '/linux/readonlyPaths', [], ['/x']);
  t.match(stepFailure(readonly, record('/x')), {
    message: 'make path /x read-only: invalid argument',
    details: { pointer: '/linux/readonlyPaths/0' },
  });
});

t.test('bytes that are no text are escaped', async (t) => {
  const detail = new Uint8Array([0x2f, 0xff]);
  t.match(stepFailure(undefined, { ...record(''), detail }), { message: 'step 0 (/\\xff): invalid argument' });
});
