import t from 'tap';
import { kinds } from '../plan/protocol.ts';
import type { Native } from '../sys/native.ts';

/** What the addon was asked to send. */
interface Sent {
  readonly words: number[];
  readonly fds: number[];
}

const memfd = 3;
let sent: Sent[] = [];
let refuse: Error | undefined;

globalThis.ocirunNative = {
  memfdCreate: () => memfd,
  write: () => undefined,
  addSeals: () => undefined,
  close: () => undefined,
  sendRecord: (_socket: number, data: Uint8Array, fds: number[]) => {
    if (refuse) throw refuse;
    sent.push({ words: [...new Uint32Array(data.slice().buffer)], fds });
  },
} as unknown as Native;

const { sendPlan } = await import('./launch.ts');

/** Slots from 10 on, with descriptors from 100 on. */
function sentFor(count: number, digest = false): Sent[] {
  sent = [];
  sendPlan(
    9,
    new Uint8Array(8),
    new Map(Array.from({ length: count }, (_, index) => [10 + index, 100 + index])),
    digest,
  );
  return sent;
}

/** The record that fills `count` slots from the one with that index on. */
function record(kind: 'slots' | 'plan', begin: number, count: number, digest = 0): Sent {
  const indices = Array.from({ length: count }, (_, index) => begin + index);
  return {
    words: [kinds[kind], count, digest, 4 * count, ...indices.map((index) => 10 + index)],
    fds: [...(kind === 'plan' ? [memfd] : []), ...indices.map((index) => 100 + index)],
  };
}

t.test('a plan goes in one record with the descriptors of its slots', async (t) => {
  t.same(sentFor(0), [record('plan', 0, 0)]);
  t.same(sentFor(3, true), [record('plan', 0, 3, 1)]);
  t.same(sentFor(200), [record('plan', 0, 200)]);
});

t.test('more descriptors than one record takes go ahead of it', async (t) => {
  t.same(sentFor(201), [record('slots', 0, 200), record('plan', 200, 1)]);
  t.same(sentFor(450, true), [record('slots', 0, 200), record('slots', 200, 200), record('plan', 400, 50, 1)]);
});

t.test('that init has ended by then is for whoever listens to it', async (t) => {
  refuse = Object.assign(new Error('sendmsg'), { errno: 32, code: 'EPIPE', syscall: 'sendmsg' });
  t.same(sentFor(1), []);
  refuse = Object.assign(new Error('sendmsg'), { errno: 109, code: 'ETOOMANYREFS', syscall: 'sendmsg' });
  t.throws(() => sentFor(1), { code: 'E_SYSTEM' });
  refuse = undefined;
});
