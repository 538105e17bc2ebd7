import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { uptime } from 'node:os';
import { conformance } from '../lib/conformance.ts';
import { namespace, type Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import type { Report } from '../lib/report.ts';
import { unknownTo } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';

const unless = unknownTo('runc', 'runc has time namespaces since 1.2');

interface Offset {
  secs?: number;
  nanosecs?: number;
}

const offset =
  (offsets: { monotonic?: Offset; boottime?: Offset }): Edit =>
  (c) =>
    void (c.linux['timeOffsets'] = offsets);

/** How much the container’s clocks are ahead of ours, to the minute. */
const ahead = (report: Report): number[] => {
  const [monotonic] = process.hrtime();
  const minutes = (there: number, here: number) => Math.round((there - here) / 60);
  return [minutes(report.clocks.monotonic, monotonic), minutes(report.clocks.boottime, uptime())];
};

const day = 24 * 60;

conformance(
  'the clocks of a time namespace are ahead by its offsets',
  (t, box) => {
    const offsets = { monotonic: { secs: day * 60 }, boottime: { secs: 7 * day * 60, nanosecs: 999_999_999 } };
    const report = box.report([namespace('time'), offset(offsets)]);
    t.strictSame(ahead(report), [day, 7 * day]);
    t.not(report.namespaces['time'], readlinkSync('/proc/self/ns/time'));
  },
  { unless },
);

conformance(
  'an offset may be negative',
  (t, box) => {
    const offsets = { monotonic: { secs: -600 }, boottime: { secs: -1200, nanosecs: 5 } };
    t.strictSame(ahead(box.report([namespace('time'), offset(offsets)])), [-10, -20]);
  },
  { unless },
);

conformance(
  'one offset leaves the other clock alone',
  (t, box) => {
    t.strictSame(ahead(box.report([namespace('time'), offset({ boottime: { secs: day * 60 } })])), [0, day]);
    t.strictSame(ahead(box.report([namespace('time'), offset({ monotonic: { secs: day * 60 } })])), [day, 0]);
  },
  { unless },
);

conformance(
  'a time namespace without offsets is a new one with the same clocks',
  (t, box) => {
    const report = box.report([namespace('time')]);
    t.strictSame(ahead(report), [0, 0]);
    t.not(report.namespaces['time'], readlinkSync('/proc/self/ns/time'));
    t.equal(report.namespaces['time_for_children'], report.namespaces['time'], 'its children are in it as well');
  },
  { unless },
);

/** The pid of a process in a time namespace that is an hour ahead. */
const holder = (box: Sandbox): number => {
  const child = spawn('unshare', ['--time', '--monotonic', '3600', '--boottime', '3600', 'sleep', '300']);
  box.undo(() => void child.kill('SIGKILL'));
  const own = readlinkSync('/proc/self/ns/time');
  until(() => readlinkSync(`/proc/${child.pid}/ns/time_for_children`) !== own);
  return child.pid ?? 0;
};

conformance(
  'a time namespace can be joined',
  (t, box) => {
    const path = `/proc/${holder(box)}/ns/time_for_children`;
    const report = box.report([namespace('time', path)]);
    t.strictSame(ahead(report), [60, 60]);
    t.equal(report.namespaces['time'], readlinkSync(path).replace('_for_children', ''));
  },
  { unless },
);

conformance('without a time namespace the clocks are the caller’s', (t, box) => {
  const report = box.report();
  t.strictSame(ahead(report), [0, 0]);
  t.equal(report.namespaces['time'], readlinkSync('/proc/self/ns/time'));
});

for (const [title, edits] of [
  ['without a time namespace', [offset({ monotonic: { secs: 1 } })]],
  [
    'for a time namespace that is joined',
    [namespace('time', '/proc/self/ns/time'), offset({ monotonic: { secs: 1 } })],
  ],
  ['with too many nanoseconds', [namespace('time'), offset({ monotonic: { nanosecs: 1_000_000_000 } })]],
  ['that would turn a clock negative', [namespace('time'), offset({ monotonic: { secs: -1_000_000_000 } })]],
] as const)
  conformance(`time offsets ${title} are refused`, (t, box) => refuses(t, box, edits, { says: /time/i }), { unless });
