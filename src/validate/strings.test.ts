import fc from 'fast-check';
import t from 'tap';
import type { Spec } from '../spec/types.ts';
import { annotationsAreNamed, stringsAreUnicode, stringsHaveNoNul } from './strings.ts';

const spec = (rest: Partial<Spec>): Spec => ({ ociVersion: '1.3.0', ...rest });

t.test('NUL bytes are found wherever they are, in order', async (t) => {
  const bad = spec({
    process: { cwd: '/', args: ['sh', 'a\0b'] },
    root: { path: '\0' },
    annotations: { 'x/y': '\0', 'n\0': '' },
  });
  t.same(
    stringsHaveNoNul(bad).map(({ details, message }) => `${details.pointer}: ${message}`),
    [
      '/process/args/1: the string contains a NUL byte',
      '/root/path: the string contains a NUL byte',
      '/annotations: the name of a property contains a NUL byte',
      '/annotations/x~1y: the string contains a NUL byte',
    ],
  );
  t.same(stringsHaveNoNul(spec({ hostname: '\\u0000' })), []);
});

t.test('a document has as many refusals as strings with a NUL byte', async (t) => {
  const strings = fc.array(fc.oneof(fc.string(), fc.constant('a\0')), { maxLength: 10 });
  fc.assert(
    fc.property(strings, (args) => {
      const found = stringsHaveNoNul(spec({ process: { cwd: '/', args } }));
      t.same(
        found.map(({ details }) => details.pointer),
        args.flatMap((text, index) => (text.includes('\0') ? [`/process/args/${index}`] : [])),
      );
    }),
  );
});

t.test('half of a surrogate pair is refused, a whole one is not', async (t) => {
  const bad = spec({ hostname: '\ud83d\ude00 \ude00', annotations: { '\ud83d\ude00': '\ud83d\ude00', '\ud83d': '' } });
  t.same(
    stringsAreUnicode(bad).map(({ details, message }) => `${details.pointer}: ${message}`),
    [
      '/hostname: the string has half of a surrogate pair, which is no character',
      '/annotations: the name of a property has half of a surrogate pair, which is no character',
    ],
  );
});

t.test('annotations have names', async (t) => {
  t.match(annotationsAreNamed(spec({ annotations: { '': 'x' } })), [{ details: { pointer: '/annotations/' } }]);
  t.same(annotationsAreNamed(spec({ annotations: { a: '' } })), []);
  t.same(annotationsAreNamed(spec({})), []);
});
