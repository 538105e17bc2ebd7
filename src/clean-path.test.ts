import { posix } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { cleanPath } from './clean-path.ts';

t.test('a clean path is the shortest', async (t) => {
  const name = fc.constantFrom('a', '..', '.', '', 'b', '.c', '...');
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const path = names.join('/');
      t.equal(cleanPath(path), posix.resolve('/', path), path);
    }),
  );
});
