import t from 'tap';
import { processProperties, unitProperties } from './unit.ts';

const text = (properties: readonly (readonly [string, { signature: string; value: unknown }])[]) =>
  properties.map(([name, { signature, value }]) => `${name} ${signature} ${JSON.stringify(value)}`);

const always = [
  'MemoryAccounting b true',
  'CPUAccounting b true',
  'IOAccounting b true',
  'TasksAccounting b true',
  'DefaultDependencies b false',
  'CollectMode s "inactive-or-failed"',
];

t.test('a scope', async (t) => {
  const unit = { name: 'ocirun-x.scope', slice: 'system.slice' };
  t.strictSame(text(unitProperties(unit, 'box')), [
    'Description s "box"',
    'Slice s "system.slice"',
    'Delegate b true',
    ...always,
  ]);
  t.strictSame(text(processProperties(unit, 7)), ['PIDs au [7]']);
});

t.test('a slice', async (t) => {
  const unit = { name: 'a-b.slice', slice: 'a.slice' };
  t.strictSame(text(unitProperties(unit, 'box')), ['Description s "box"', 'Wants as ["a.slice"]', ...always]);
  t.strictSame(processProperties(unit, 7), []);
});
