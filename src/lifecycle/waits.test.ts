import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { Native } from '../sys/native.ts';

/** Milliseconds of the monotonic clock; it goes on as somebody waits. */
let now = 0;
let asked: string[] = [];
const parts: Record<string, unknown> = {};

globalThis.ocirunNative = {
  clock: () => [Math.floor(now / 1000), Math.round((now % 1000) * 1e6)],
  lazy: (name: string) => {
    asked.push(name);
    return parts[name];
  },
} as unknown as Native;

const { extendTimeLimit, firstWait, liftTimeLimit, patiently, setTimeLimit } = await import('../waiting.ts');
parts['waits'] = await import('./waits.ts');

let warned: string[] = [];
const log = { warn: (message: string) => void warned.push(`${now} ${message}`) } as unknown as Log;

/** Waits for something that comes at this time. */
function waitUntil(at: number, timeout = -1, seconds = 0): string | undefined {
  now = 1000;
  asked = [];
  warned = [];
  setTimeLimit(seconds, log);
  const look = (milliseconds: number): string | undefined => {
    now = Math.min(at, now + milliseconds);
    return now >= at ? 'it' : undefined;
  };
  const details = { pointer: '/a', location: 'config.json:1:2' };
  return patiently(look, timeout, () => new OcirunError('E_TIMEOUT', 'a thing', details));
}

void t.test('what comes at once needs nothing', async (t) => {
  t.equal(waitUntil(2900), 'it');
  t.strictSame([asked, warned], [[], []]);
});

void t.test('a wait is told after 2 s, and again every 30 s', async (t) => {
  t.equal(waitUntil(70_000), 'it');
  t.strictSame(asked, ['waits']);
  t.strictSame(warned, [
    '3000 config.json:1:2 /a: waiting for a thing',
    '33000 config.json:1:2 /a: waiting for a thing (for 32 s)',
    '63000 config.json:1:2 /a: waiting for a thing (for 62 s)',
  ]);
});

void t.test('a wait may have an end of its own', async (t) => {
  t.equal(waitUntil(9000, 1500), undefined);
  t.equal(now, 2500);
  t.strictSame([asked, warned], [[], []]);
  t.equal(waitUntil(9000, 5000), undefined);
  t.equal(now, 6000);
  t.equal(warned.length, 1);
  t.equal(waitUntil(5999, 5000), 'it');
});

void t.test('the time of the command ends every wait', async (t) => {
  const over = { code: 'E_TIMEOUT', details: { pointer: '/a' } };
  t.throws(() => waitUntil(9000, -1, 0.5), {
    ...over,
    message: 'timed out after 0.5 s (--timeout), waiting for a thing',
  });
  t.equal(now, 1500);
  t.strictSame(warned, [], 'without a word before it');
  t.throws(() => waitUntil(9000, -1, 3.25), over);
  t.equal(now, 4250);
  t.equal(warned.length, 1);
  t.throws(() => waitUntil(9000, 8000, 3.25), over, 'though the wait has longer');
  t.equal(waitUntil(9000, 1000, 3.25), undefined, 'and is not asked for where the wait ends first');
});

void t.test('what has to be undone has a little time, and what the user waits for has all of it', async (t) => {
  t.equal(waitUntil(1100, -1, 1), 'it');
  t.equal(firstWait(-1), 900);
  now = 5000;
  t.equal(firstWait(-1), 0);
  extendTimeLimit(1000);
  t.equal(firstWait(-1), 1000);
  t.equal(firstWait(300), 300);
  extendTimeLimit(10);
  t.equal(firstWait(-1), 1000, 'never less than there was');
  liftTimeLimit();
  t.equal(firstWait(-1), 2000);
  extendTimeLimit(1000);
  t.equal(firstWait(-1), 2000, 'nothing is limited that was not');
});
