import fc from 'fast-check';
import t from 'tap';
import { rfc3339Nano } from './time.ts';

t.test('the same as Date says, with nanoseconds', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7_258_118_400 }), fc.nat(999), (seconds, milliseconds) => {
      const expected = new Date(seconds * 1000 + milliseconds).toISOString().replace(/\.?0*Z$/, 'Z');
      return (
        rfc3339Nano(seconds, milliseconds * 1_000_000) ===
        (milliseconds ? expected : new Date(seconds * 1000).toISOString().replace('.000', ''))
      );
    }),
  );
  t.equal(rfc3339Nano(1_700_000_000, 120_000_001), '2023-11-14T22:13:20.120000001Z');
  t.equal(rfc3339Nano(951_782_400, 0), '2000-02-29T00:00:00Z');
  t.equal(rfc3339Nano(0, 100_000_000), '1970-01-01T00:00:00.1Z');
});
