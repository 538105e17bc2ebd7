import t from 'tap';
import { kinds, timesPerRecord } from '../plan/protocol.ts';
import type { Step } from '../plan/steps.ts';
import { answers, expectedKinds, sequenceOf } from './sequence.ts';

const step = (op: Step['op'], nums: number[] = []): Step => ({ op, pointer: '', slots: [], nums, strs: [] });
const awaiting = (send: keyof typeof kinds, answer: keyof typeof kinds): Step =>
  step('await', [kinds[send], kinds[answer]]);

t.test('the sequence is read off the plan, in both orders', async (t) => {
  const stage2 = [
    awaiting('maps', 'mapped'),
    step('setup' as Step['op']),
    awaiting('hooks', 'hooked'),
    awaiting('ready', 'saved'),
  ];
  t.same(expectedKinds({ stage1: [step('clone')], stage2 }, false), ['pid', 'maps', 'hooks', 'ready']);
  const moved = [awaiting('place', 'placed'), step('clone')];
  t.same(expectedKinds({ stage1: moved, stage2 }, true), ['digest', 'place', 'pid', 'maps', 'hooks', 'ready']);
});

t.test('a filter with a listener is announced where it is loaded', async (t) => {
  const stage2 = [step('seccomp', [12, 0]), awaiting('ready', 'saved')];
  t.same(expectedKinds({ stage1: [step('clone')], stage2 }, false), ['pid', 'listener', 'ready']);
  const silent = [step('seccomp', [4, 0]), awaiting('ready', 'saved')];
  t.same(expectedKinds({ stage1: [step('clone')], stage2: silent }, false), ['pid', 'ready']);
  t.equal(answers.listener, 'listened');
});

t.test('where times are asked for, they come before the last word, in as many records as they take', async (t) => {
  const stage2 = (steps: number): Step[] => [...Array<Step>(steps).fill(step('umask')), awaiting('ready', 'saved')];
  const kindsOf = (steps: number) => expectedKinds({ stage1: [step('clone')], stage2: stage2(steps) }, false, true);
  t.same(kindsOf(1), ['pid', 'times', 'ready']);
  t.same(kindsOf(timesPerRecord - 2), ['pid', 'times', 'ready']);
  t.same(kindsOf(timesPerRecord - 1), ['pid', 'times', 'times', 'ready']);
});

t.test('announcements in order are accepted, to the last one', async (t) => {
  const sequence = sequenceOf(['pid', 'maps', 'ready']);
  for (const kind of ['pid', 'maps', 'ready'] as const) {
    t.equal(sequence.done(), false);
    sequence.accept(kind);
  }
  t.equal(sequence.done(), true);
});

t.test('anything out of order is refused', async (t) => {
  t.throws(() => sequenceOf(['pid', 'ready']).accept('ready'), { code: 'E_PROTOCOL' });
  t.throws(() => sequenceOf(['pid', 'ready']).accept('saved'), { code: 'E_PROTOCOL' });
  t.throws(() => sequenceOf([]).accept('pid'), { code: 'E_PROTOCOL', message: /nothing more/ });
  const sequence = sequenceOf(['pid', 'ready']);
  sequence.accept('pid');
  t.throws(() => sequence.accept('pid'), { code: 'E_PROTOCOL', message: /"pid" where "ready"/ });
});

t.test('a failure may come at any time and is the last word', async (t) => {
  const sequence = sequenceOf(['pid', 'ready']);
  sequence.accept('failure');
  t.equal(sequence.done(), true);
});

t.test('every announcement that waits has an answer', async (t) => {
  const announcements = Object.entries(kinds)
    .filter(([, number]) => number >= kinds.digest)
    .map(([name]) => name);
  const unanswered = announcements.filter((name) => !Object.hasOwn(answers, name));
  t.same(unanswered, ['digest', 'pid', 'pty', 'failure', 'times']);
});
