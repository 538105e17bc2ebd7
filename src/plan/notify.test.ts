import t from 'tap';
import { managerVariables, notifySteps } from './notify.ts';
import { Sources } from './sources.ts';

const spec = { ociVersion: '1.3.0' };

t.test('without a service manager there is nothing of it', async (t) => {
  const sources = new Sources();
  t.same(notifySteps(spec, undefined, sources), []);
  t.same(sources.list, []);
  t.same(managerVariables({ listenFds: 0, notifyDirectory: undefined }), []);
});

t.test('the directory of the socket is attached, read-only', async (t) => {
  const sources = new Sources();
  const steps = notifySteps(spec, '/run/ocirun/a/notify', sources);
  t.match(sources.list, [{ slot: 8, kind: 'tree', pointer: '', path: '/run/ocirun/a/notify', recursive: false }]);
  t.match(steps, [{ op: 'attach', pointer: '', slots: [0, 8], strs: ['/run/notify'] }]);
  // MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC (mount_setattr(2))
  t.equal(steps[0]?.nums[0], 15);
});

t.test('the variables of a service manager', async (t) => {
  t.same(managerVariables({ listenFds: 2, notifyDirectory: '/x' }), [
    'NOTIFY_SOCKET=/run/notify/notify.sock',
    'LISTEN_FDS=2',
    'LISTEN_PID=1',
  ]);
});
