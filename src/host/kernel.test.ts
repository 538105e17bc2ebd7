import t from 'tap';
import { isFrom, refuseOldKernel } from './kernel.ts';

t.test('kernels from 5.14 on will do', async (t) => {
  for (const release of ['5.14.0', '5.14', '5.15.0-91-generic', '6.1.0', '10.0'])
    t.doesNotThrow(() => refuseOldKernel(release), release);
});

t.test('older ones are refused by number', async (t) => {
  for (const release of ['5.13.19', '4.18.0-553.el8', '3.10', ''])
    t.throws(
      () => refuseOldKernel(release),
      { code: 'E_HOST', message: `this kernel is ${release}; ocirun needs 5.14 or newer` },
      release,
    );
});

t.test('versions are compared by their numbers', async (t) => {
  for (const release of ['6.7.0', '6.7', '6.10.1', '6.18.44-fc', '7.0-rc1']) t.ok(isFrom(release, 6, 7), release);
  for (const release of ['6.6.99', '5.19.0', '6', '']) t.notOk(isFrom(release, 6, 7), release);
});
