import type { Test } from 'tap';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { called, everyKind, hooking } from '../lib/hooks.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { endOf, eventsOf, phases, readTrace, type Trace } from '../lib/trace.ts';

const ocirun = { only: 'ocirun' } as const;
const exiting = probing('exit', '0');

/** The trace of a call. */
const traced = (box: Sandbox, args: readonly string[], env: NodeJS.ProcessEnv = {}): Trace => {
  const file = box.path(`trace.${box.calls}`);
  box.must(['--trace', file, ...args], { env: { ...process.env, ...env } });
  return readTrace(file);
};

const near = 0.01;

/** Phases follow one another without a gap; all else lies inside them. */
const isNested = (t: Test, trace: Trace): void => {
  const [first, ...more] = phases(trace);
  const last = more.reduce((before, event) => {
    t.ok(Math.abs(event.ts - (before ? endOf(before) : 0)) < near, `${event.name} begins where ${before?.name} ends`);
    return event;
  }, first);
  const [begin, end] = [first?.ts ?? 0, last ? endOf(last) : 0];
  const inner = trace.traceEvents.filter(({ ph, cat }) => ph === 'X' && cat !== 'phase');
  t.strictSame(
    inner.filter((event) => event.ts < begin - 1000 || endOf(event) > end + 1000).map(({ name }) => name),
    [],
    'nothing lies outside',
  );
  for (const event of eventsOf(trace, 'hook'))
    t.ok(
      phases(trace).some((phase) => phase.ts <= event.ts + near && endOf(phase) >= endOf(event) - near),
      `${event.name} lies inside a phase`,
    );
};

const isComplete = (t: Test, trace: Trace): void => {
  const wanted = { name: String, ph: String, pid: Number, tid: Number, args: Object };
  for (const event of trace.traceEvents)
    t.match(event, event.ph === 'X' ? { ...wanted, ts: Number, dur: Number } : wanted);
  t.ok(trace.traceEvents.every(({ ph, dur }) => ph === 'M' || dur >= 0));
  const spans = trace.traceEvents.filter(({ ph }) => ph === 'X').map(({ args }) => String(args['span_id']));
  t.ok(spans.every((span) => /^[0-9a-f]{16}$/.test(span)));
  t.equal(new Set(spans).size, spans.length, 'each has a span of its own');
  const named = new Set(trace.traceEvents.filter(({ ph }) => ph === 'M').map(({ pid, tid }) => `${pid} ${tid}`));
  t.ok(
    trace.traceEvents.every(({ pid, tid }) => named.has(`${pid} ${tid}`)),
    'every track has a name',
  );
};

const names = (trace: Trace): string[] => phases(trace).map(({ name }) => name);

conformance(
  'trace: a run has its phases, each mount and each step of init',
  (t, box) => {
    const trace = traced(box, ['run', '--bundle', box.bundle(exiting), box.id()]);
    isNested(t, trace);
    isComplete(t, trace);
    const order = ['startup', 'read', 'parse', 'validate', 'cgroup', 'spawn', 'plan', 'exec', 'program', 'trace'];
    t.strictSame(
      names(trace).filter((name) => order.includes(name)),
      order,
    );
    const steps = eventsOf(trace, 'step');
    box.config().mounts.forEach(({ destination }, index) => {
      const step = steps.find(({ name }) => name === destination);
      t.equal(step?.args['pointer'], `/mounts/${index}`, destination);
      t.match(String(step?.args['op']), /^(mount|attach)$/, destination);
    });
    for (const op of ['clone', 'openRoot', 'pivot', 'capabilities', 'await', 'execute'])
      t.ok(
        steps.some(({ args }) => args['op'] === op),
        op,
      );
    t.equal(new Set(steps.map(({ pid }) => pid)).size, 1, 'all of init');
    t.not(steps[0]?.pid, phases(trace)[0]?.pid, 'which is a process of its own');
    t.strictSame(trace.otherData['status'], 0);
    t.strictSame(trace.otherData['command'], 'run');
  },
  ocirun,
);

conformance(
  'trace: in a time namespace the steps are where they belong',
  (t, box) => {
    const bundle = box.bundle(exiting, (config) => {
      config.linux.namespaces.push({ type: 'time' });
      config.linux['timeOffsets'] = { monotonic: { secs: 86400 }, boottime: { secs: 86400 } };
    });
    isNested(t, traced(box, ['run', '--bundle', bundle, box.id()]));
  },
  ocirun,
);

conformance(
  'trace: every command has one',
  (t, box) => {
    const bundle = box.bundle(probing('sleep'));
    const all = [
      ['create', '--bundle', bundle, box.id()],
      ['state', box.id()],
      ['start', box.id()],
      ['kill', box.id(), 'KILL'],
      ['list'],
      ['delete', '--force', box.id()],
    ];
    for (const args of all) {
      const trace = traced(box, args);
      isNested(t, trace);
      isComplete(t, trace);
      t.equal(trace.otherData['command'], args[0]);
    }
  },
  ocirun,
);

conformance(
  'trace: a good container needs no part but those that make it',
  (t, box) => {
    const parts = (args: string[]): unknown => traced(box, args).otherData['parts'];
    const making = ['create', 'devices', 'trace'];
    t.strictSame(parts(['run', '--bundle', box.bundle(exiting), box.id()]), making);
    t.strictSame(parts(['create', '--bundle', box.bundle(probing('sleep')), box.id()]), making);
    for (const args of [['state'], ['start'], ['kill', 'KILL']])
      t.strictSame(parts([args[0] ?? '', box.id(), ...args.slice(1)]), ['trace'], args.join(' '));
    t.ok(box.reaches('stopped'));
    t.strictSame(parts(['delete', box.id()]), ['trace']);
  },
  ocirun,
);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const given = { TRACEPARENT: `00-${traceId}-${parent}-01` };
const traceparent = (env: readonly string[]): string[] => env.filter((text) => text.startsWith('TRACEPARENT='));

conformance(
  'trace: hooks are part of it, and are told of it; TRACEPARENT is what it is a part of',
  (t, box) => {
    const hooks = everyKind(box, { env: ['A=1', 'TRACEPARENT=theirs'] });
    const trace = traced(box, ['run', '--bundle', box.bundle(hooking(hooks), exiting), box.id()], given);
    isNested(t, trace);
    isComplete(t, trace);
    const { otherData } = trace;
    t.match(otherData, { traceId, parentSpanId: parent, sampled: true });
    for (const kind of ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop']) {
      const event = trace.traceEvents.find(({ args }) => args['pointer'] === `/hooks/${kind}/0`);
      t.equal(event?.name, hooks.prestart[0]?.path, kind);
      const { env } = called(box, kind);
      t.strictSame(traceparent(env), [`TRACEPARENT=00-${traceId}-${String(event?.args['span_id'])}-01`], kind);
      t.ok(env.includes('A=1'), kind);
    }
    const { env } = called(box, 'startContainer');
    t.strictSame(traceparent(env), [`TRACEPARENT=00-${traceId}-${String(otherData['spanId'])}-01`]);
  },
  ocirun,
);

conformance(
  'trace: without it, hooks have the environment that is configured',
  (t, box) => {
    const bundle = box.bundle(hooking(everyKind(box, { env: ['A=1'] })), exiting);
    box.must(['run', '--bundle', bundle, box.id()], { env: { ...process.env, ...given } });
    for (const kind of ['prestart', 'createContainer', 'startContainer', 'poststop'])
      t.strictSame(called(box, kind).env, ['A=1'], kind);
  },
  ocirun,
);

conformance(
  'trace: a TRACEPARENT that is none is ignored',
  (t, box) => {
    for (const text of [
      '',
      'nonsense',
      `00-${traceId.toUpperCase()}-${parent}-01`,
      `00-${'0'.repeat(32)}-${parent}-01`,
    ]) {
      const { otherData } = traced(box, ['list'], { TRACEPARENT: text });
      t.match(otherData['traceId'], /^[0-9a-f]{32}$/);
      t.not(otherData['traceId'], traceId);
      t.notOk('parentSpanId' in otherData, JSON.stringify(text));
    }
  },
  ocirun,
);

conformance(
  'trace: a command that fails has one, with the error',
  (t, box) => {
    const file = box.path('trace');
    const bundle = box.bundle((config) => void (config.process.args = ['/nowhere']));
    const result = box.call(['--trace', file, 'run', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1);
    const trace = readTrace(file);
    isNested(t, trace);
    t.match(trace.otherData, { status: 1, error: /^E_/, message: /nowhere/ });
    box.call(['--trace', file, 'state', 'nobody']);
    t.match(readTrace(file).otherData, { command: 'state', status: 1, error: 'E_NOT_FOUND' }, 'it is written anew');
  },
  ocirun,
);

conformance(
  'trace: where the file cannot be written, nothing is done',
  (t, box) => {
    const bundle = box.bundle(exiting);
    const result = box.call(['--trace', box.path('nowhere/trace'), 'create', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, /open trace file .*nowhere\/trace: no such file or directory/);
    t.strictSame(box.ids(), []);
    const full = box.call(['--trace', '/dev/full', 'run', '--bundle', bundle, box.id()]);
    t.equal(full.status, 0, 'a full disk is no reason to fail');
    t.match(full.stderr, /write trace file \/dev\/full/);
  },
  ocirun,
);

conformance(
  'trace: it replaces what was in the file, which others can read',
  (t, box) => {
    const file = box.file('old', 'x'.repeat(100_000));
    box.must(['--trace', file, 'list']);
    t.equal(readTrace(file).otherData['command'], 'list');
    t.ok(statSync(file).size < 10_000);
    t.notOk(existsSync(box.path('trace')));
    t.match(readFileSync(file, 'utf8'), /^\{"otherData":\{/);
  },
  ocirun,
);
