import t from 'tap';
import { refuseOldKernel } from './kernel.ts';

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
