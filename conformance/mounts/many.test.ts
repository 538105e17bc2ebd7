import { conformance } from '../lib/conformance.ts';
import { binding, probing, writableRoot } from '../lib/config.ts';
import type { Edit } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** One bind mount after the other, each of a file with its number in it. */
const binds = (box: Sandbox, count: number): Edit[] =>
  Array.from({ length: count }, (_, index) =>
    binding(box.file(`source/${index}`, `number ${index}`), `/many/${index}`),
  );

conformance('more mounts than the kernel passes descriptors at once arrive each at its place', (t, box) => {
  const numbers = [0, 199, 200, 252, 253, 399, 400, 449];
  const paths = numbers.map((number) => `/many/${number}`);
  const { paths: found } = box.report([writableRoot, probing('report', ...paths), ...binds(box, 450)]);
  for (const [index, path] of paths.entries()) t.equal(found[path]?.text, `number ${numbers[index]}`, path);
});

conformance(
  'where descriptors do not suffice, the mount is named and nothing is left',
  (t, box) => {
    const bundle = box.bundle(writableRoot, ...binds(box, 200));
    const result = box.call(['create', '--bundle', bundle, box.id()], { through: ['prlimit', '--nofile=128:128'] });
    t.equal(result.status, 1);
    t.match(result.stderr, /open mount source .*source\/\d+: too many open files/);
    t.notMatch(result.stderr, 'while undoing it');
    t.strictSame(box.ids(), []);
  },
  { only: 'ocirun' },
);

conformance(
  'what is more than init has room for is refused',
  (t, box) => {
    const source = box.file('source');
    const many = Array.from({ length: 1100 }, (_, index) => binding(source, `/many/${index}`));
    const result = box.call(['create', '--bundle', box.bundle(writableRoot, ...many), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, 'more than 1016 bind mounts, devices and namespaces');
    t.strictSame(box.ids(), []);
  },
  { only: 'ocirun' },
);
