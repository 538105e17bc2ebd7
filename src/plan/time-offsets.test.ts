import t from 'tap';
import type { Namespace, Spec, TimeOffsets } from '../spec/types.ts';
import { timeOffsetSteps } from './time-offsets.ts';

const spec = (timeOffsets: TimeOffsets, namespace: Namespace = { type: 'time' }): Spec => ({
  ociVersion: '1.3.0',
  linux: { namespaces: [namespace], timeOffsets },
});
const none = new Map<string, bigint>();

t.test('each clock is a line as of timens_offsets', async (t) => {
  const offsets = { boottime: { secs: -3600, nanosecs: 5 }, monotonic: { secs: 7 } };
  t.match(timeOffsetSteps(spec(offsets), none), [
    { op: 'timeOffsets', pointer: '/linux/timeOffsets', strs: ['monotonic 7 0', 'boottime -3600 5'] },
  ]);
  const exact = new Map([['/linux/timeOffsets/boottime/secs', 9007199254740993n]]);
  t.match(timeOffsetSteps(spec({ boottime: { secs: 9007199254740992 } }), exact), [
    { strs: ['boottime 9007199254740993 0'] },
  ]);
});

t.test('without an offset there is nothing to do before the clone', async (t) => {
  t.same(timeOffsetSteps(spec({}), none), []);
  t.same(timeOffsetSteps({ ociVersion: '1.3.0', linux: { namespaces: [{ type: 'time' }] } }, none), []);
  t.same(timeOffsetSteps(spec({ monotonic: { secs: 1 } }, { type: 'time', path: '/t' }), none), []);
});
