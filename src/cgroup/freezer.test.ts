import t from 'tap';
import type { Native } from '../sys/native.ts';

/** What cgroup.events says each time; undefined where there is no such cgroup. */
let events: (string | undefined)[] = [];
let looks = 0;
/** What cgroup.freeze says: that one is written to until somebody writes the opposite. */
let freeze: () => string = () => '';
let waits: number[] = [];
let now = 0;

const failure = (code: string): Error => Object.assign(new Error('open: No good'), { errno: 1, code, syscall: 'open' });

globalThis.ocirunNative = {
  open: (path: string) => {
    if (events[0] === undefined) throw failure('ENOENT');
    return path.endsWith('/cgroup.freeze') ? 4 : 3;
  },
  readText: (fd: number) => (fd === 4 ? `${freeze()}\n` : events[Math.min(looks++, events.length - 1)]),
  write: () => undefined,
  close: () => undefined,
  clock: () => [0, now * 1e6],
  poll: (_: number[], __: number[], milliseconds: number) => {
    waits.push(milliseconds);
    // What comes then comes at half of the time.
    const comes = looks < events.length;
    now += comes ? milliseconds / 2 : milliseconds;
    return [comes ? 1 : 0];
  },
} as unknown as Native;

const { awaitFrozen, setFrozen } = await import('./freezer.ts');

const settles = (said: (string | undefined)[], frozen: boolean, timeout?: number, calledOff?: number): boolean => {
  [events, looks, waits, now] = [said, 0, [], 0];
  freeze = () => (now < (calledOff ?? Infinity) === frozen ? '1' : '0');
  return awaitFrozen('/cg', frozen, timeout);
};

t.test('a cgroup is frozen when it says so, however many events come before', async (t) => {
  t.ok(settles(['frozen 1'], true));
  t.ok(settles([undefined], true), 'one that is gone is as one wants it');
  t.same(waits, []);
  t.ok(settles(['frozen 0', 'frozen 0', 'frozen 1'], true));
  t.equal(waits.length, 2);
  t.ok(settles(['frozen 1', 'frozen 1', 'frozen 0'], false, 1000));
  t.same(waits, [100, 100]);
});

t.test('a time that is over is over', async (t) => {
  t.notOk(settles(['frozen 0'], true, 1000));
  t.equal(now, 1000);
  t.notOk(settles(['frozen 0', 'frozen 0'], true, 1000));
  t.equal(now, 1000, 'there is what is left of the time');
});

t.test('who asks for the opposite calls it off: that is no event', async (t) => {
  t.notOk(settles(['frozen 0'], true, 10_000, 350));
  t.equal(now, 400);
  t.notOk(settles(['frozen 1'], false, -1, 350));
  t.equal(now, 400);
});

t.test('nobody is held in a cgroup that is gone, and nobody can be', async (t) => {
  events = [undefined];
  setFrozen('/cg', false, 'resume container c');
  t.throws(() => setFrozen('/cg', true, 'pause container c'), {
    message: /^pause container c: write \/cg\/cgroup.freeze/,
  });
});
