import t from 'tap';
import type { Linux, Spec } from '../spec/types.ts';
import { asksForSomething, fieldsAreSupported } from './not-supported.ts';

const spec = (rest: Partial<Spec>): Spec => ({ ociVersion: '1.3.0', ...rest });

t.test('some values ask for nothing', async (t) => {
  for (const value of [undefined, null, false, '', [], {}, { a: {}, b: [], c: '', d: false }])
    t.notOk(asksForSomething(value));
  for (const value of [0, 1, true, 'x', [0], [''], { a: 0 }, { a: { b: 'x' } }]) t.ok(asksForSomething(value));
});

t.test('fields that ask for nothing are no use of them', async (t) => {
  const linux: Linux = {
    seccomp: undefined as never,
    netDevices: {},
    resources: { cpu: { cpus: '' }, memory: {} },
  };
  t.same(fieldsAreSupported(spec({ process: { cwd: '/', terminal: false }, linux })), []);
  t.same(fieldsAreSupported(spec({})), []);
});

t.test('a name in a map asks for something, whatever stands behind it', async (t) => {
  const found = fieldsAreSupported(spec({ linux: { netDevices: { eth0: {} } } }));
  t.same(
    found.map(({ details }) => details.pointer),
    ['/linux/netDevices'],
  );
});

t.test('fields that ask for something are refused', async (t) => {
  const process = { cwd: '/', terminal: true, selinuxLabel: 'x' };
  const linux: Linux = { resources: { pids: { limit: 0 } }, mountLabel: 'x' };
  t.same(
    fieldsAreSupported(spec({ process, linux })).map(({ code, message, details }) => [code, message, details.pointer]),
    ['/process/terminal', '/process/selinuxLabel', '/linux/mountLabel'].map((pointer) => [
      'E_NOT_SUPPORTED_YET',
      'not supported yet',
      pointer,
    ]),
  );
});
