import { readdirSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { cgroups, mounts } from '../lib/machine.ts';
import { probing } from '../lib/config.ts';
import type { Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const many = process.env['OCIRUN_TEST_FULL'] === '1' ? 200 : 10;

const together = (box: Sandbox, count: number, args: (index: number) => string[]): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => box.begin(args(index)).ended));

/** Work through a list, so many at a time. */
const eachOf = async <T>(list: readonly T[], atOnce: number, work: (item: T) => Promise<unknown>): Promise<void> => {
  const rest = [...list];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

conformance('16 states at once all answer', async (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  const results = await together(box, 16, () => ['state', box.id()]);
  for (const result of results) t.match(JSON.parse(result.stdout), { status: 'created', id: box.id() });
});

conformance('16 kills at once end the container and fail only because it is over', async (t, box) => {
  box.startReady();
  const results = await together(box, 16, () => ['kill', box.id(), 'KILL']);
  t.ok(results.some((result) => result.status === 0));
  for (const result of results.filter((r) => r.status !== 0)) t.match(result.stderr, 'container not running');
  t.ok(box.reaches('stopped'));
});

conformance('16 deletes at once remove the container', async (t, box) => {
  box.startReady();
  const results = await together(box, 16, () => ['delete', '--force', box.id()]);
  t.strictSame(
    results.filter((result) => result.status !== 0).map((result) => result.stderr),
    [],
  );
  t.strictSame(box.ids(), []);
});

conformance('states, kills and deletes at once do not block each other', async (t, box) => {
  box.startReady();
  const verbs = [['state'], ['kill'], ['delete', '--force'], ['state']];
  const started = Date.now();
  const results = await together(box, 16, (index) => [...(verbs[index % 4] ?? []), box.id()]);
  t.ok(Date.now() - started < 20_000, 'no deadlock');
  for (const result of results.filter((r) => r.status !== 0))
    t.match(result.stderr, /container (does not exist|not running)/);
  t.strictSame(box.ids(), []);
});

conformance('16 creates of one id make one container', async (t, box) => {
  const bundle = box.bundle();
  const results = await together(box, 16, () => ['create', '--bundle', bundle, box.id()]);
  t.equal(results.filter((result) => result.status === 0).length, 1);
  for (const result of results.filter((r) => r.status !== 0))
    t.match(result.stderr, 'container with given ID already exists');
  t.equal(box.state()?.['status'], 'created');
});

conformance('16 starts at once start it once', async (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('sleep')), box.id()]);
  const number = box.calls;
  const results = await together(box, 16, () => ['start', box.id()]);
  t.equal(results.filter((result) => result.status === 0).length, 1);
  t.equal(box.state()?.['status'], 'running');
  t.equal(box.output(number).replace('ready\n', ''), '');
});

conformance('many containers, 8 at a time: none is lost and nothing is left', async (t, box) => {
  const bundle = box.bundle(probing('sleep'));
  const before = { mounts: mounts().length, descriptors: readdirSync('/proc/self/fd').length };
  const ids = Array.from({ length: many }, (_, index) => box.id(`${index}`));
  const failed: string[] = [];
  const call = async (...args: string[]) => {
    const result = await box.begin(args).ended;
    if (result.status !== 0) failed.push(`${args.join(' ')}: ${result.stderr.trim()}`);
  };
  await eachOf(ids, 8, (id) => call('create', '--bundle', bundle, id));
  t.strictSame(failed, []);
  t.equal(box.must(['list', '--quiet']).stdout.trim().split('\n').length, many);
  await eachOf(ids, 8, (id) => call('start', id));
  await eachOf(ids, 8, (id) => call('delete', '--force', id));
  t.strictSame(failed, []);
  t.strictSame(box.ids(), []);
  t.equal(mounts().length, before.mounts);
  t.equal(readdirSync('/proc/self/fd').length, before.descriptors);
  t.strictSame(cgroups(box.name), []);
});
