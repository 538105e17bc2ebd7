import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';

const env = (...list: string[]): Edit => {
  return (config) => void (config.process.env = list);
};

conformance('environment: of two of a name the last counts', (t, box) => {
  const report = box.report([env('PATH=/', 'A=1', 'B=2', 'A=3', 'HOME=/a', 'HOME=/b', 'A=4')]);
  t.strictSame([...report.env].sort(), ['A=4', 'B=2', 'HOME=/b', 'PATH=/']);
});

conformance('environment: names are not alike because one begins like the other', (t, box) => {
  const report = box.report([env('PATH=/', 'HOME=/', 'AB=1', 'A=2', 'a=3', 'ABC=4')]);
  t.strictSame([...report.env].sort(), ['A=2', 'AB=1', 'ABC=4', 'HOME=/', 'PATH=/', 'a=3']);
});

conformance('environment: values are bytes that nobody looks into', (t, box) => {
  const values = ['ü', '\u{1f600}', 'a\nb', '"', '\\', '$(x)', '\u0001', 'x'.repeat(100_000)];
  const list = values.map((value, index) => `V${index}=${value}`);
  const report = box.report([env('PATH=/', 'HOME=/', ...list)]);
  const seen = report.env.map((text) => Buffer.from(text, 'latin1').toString('utf8'));
  for (const variable of list) t.ok(seen.includes(variable), JSON.stringify(variable.slice(0, 20)));
});

conformance('environment: two thousand variables all arrive', (t, box) => {
  const list = Array.from({ length: 2000 }, (_, n) => `VARIABLE_${n}=${n}`);
  const report = box.report([env('PATH=/', 'HOME=/', ...list)]);
  t.strictSame(report.env.filter((v) => v.startsWith('VARIABLE_')).sort(), [...list].sort());
});

conformance('environment: an empty list gives HOME alone', (t, box) => {
  t.strictSame(box.report([env()]).env, ['HOME=/']);
});

for (const [variable, what] of [
  ['NAME', "missing '='"],
  ['=value', 'name cannot be empty'],
  ['A=\0', 'nul'],
] as const)
  conformance(`environment: ${JSON.stringify(variable)} is refused`, (t, box) => {
    const result = box.call(['create', '--bundle', box.bundle(env('PATH=/', variable)), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr.toLowerCase(), what);
    t.strictSame(box.ids(), []);
  });
