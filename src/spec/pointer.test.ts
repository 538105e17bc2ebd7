import fc from 'fast-check';
import t from 'tap';
import { escapeName, namesIn } from './pointer.ts';

t.test('names come back from a pointer', async (t) => {
  t.same(namesIn(''), []);
  t.same(namesIn('/'), ['']);
  t.same(namesIn('/a~1b/~01/0'), ['a/b', '~1', '0']);
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      t.strictSame(namesIn(names.map((name) => `/${escapeName(name)}`).join('')), names);
    }),
  );
});
