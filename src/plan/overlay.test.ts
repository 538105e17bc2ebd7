import fc from 'fast-check';
import t from 'tap';
import { overlayOptions } from './overlay.ts';

const long = 'x'.repeat(250);

t.test('a value that fits stays whole', async (t) => {
  const fits = `lowerdir=${'x'.repeat(255)}`;
  for (const option of ['lowerdir=/a:/b', fits, `upperdir=/${long}${long}`, 'index=off', 'userxattr'])
    t.same(overlayOptions([option]), [option]);
});

const rows: readonly (readonly [value: string, layers: readonly string[]])[] = [
  [`/${long}:/bbbb`, [`lowerdir+=/${long}`, 'lowerdir+=/bbbb']],
  [`/${long}::/bbbb::/c`, [`lowerdir+=/${long}`, 'datadir+=/bbbb', 'datadir+=/c']],
  [`/${long}:/b\\:b\\\\:/c\\,c`, [`lowerdir+=/${long}`, 'lowerdir+=/b:b\\', 'lowerdir+=/c,c']],
  // Fewer than 256 characters, but more bytes.
  ...['ü'.repeat(70), '€'.repeat(60), '🙂'.repeat(40)].map(
    (name) => [`/${name}:/${name}`, [`lowerdir+=/${name}`, `lowerdir+=/${name}`]] as const,
  ),
  [`/${long}:/bbbb\\`, [`lowerdir+=/${long}`, 'lowerdir+=/bbbb\\']],
];

t.test('a longer list becomes one option a layer', async (t) => {
  for (const [value, layers] of rows)
    t.same(overlayOptions(['a', `lowerdir=${value}`, 'upperdir=/u']), ['a', ...layers, 'upperdir=/u']);
});

t.test('what is no list of names is left to the kernel', async (t) => {
  for (const value of [
    `:/${long}/bbbb`,
    `/${long}:/b:`,
    `/${long}:::/b`,
    `/${long}:::::`,
    `/a:/${long}xxxxx`,
    `/a:/${'ü'.repeat(128)}`,
  ])
    t.same(overlayOptions([`lowerdir=${value}`]), [`lowerdir=${value}`], value.slice(250));
});

t.test('names come back as they were', async (t) => {
  const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', ':', '\\', ',', 'ü', '/') });
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (names) => {
      const layers = [...names, long, long];
      const value = layers.map((layer) => layer.replaceAll(/[\\:]/g, '\\$&')).join(':');
      t.same(
        overlayOptions([`lowerdir=${value}`]),
        layers.map((layer) => `lowerdir+=${layer}`),
      );
    }),
  );
});
