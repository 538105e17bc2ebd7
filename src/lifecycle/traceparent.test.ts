import t from 'tap';
import { formatTraceParent, parseTraceParent } from './traceparent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

void t.test('a parent is version, trace, span and flags', async (t) => {
  t.strictSame(parseTraceParent(`00-${traceId}-${spanId}-01`), { traceId, spanId, sampled: true });
  t.strictSame(parseTraceParent(`00-${traceId}-${spanId}-00`), { traceId, spanId, sampled: false });
  t.strictSame(parseTraceParent(`00-${traceId}-${spanId}-fe`), { traceId, spanId, sampled: false });
  t.strictSame(parseTraceParent(`cc-${traceId}-${spanId}-01-what-comes`), { traceId, spanId, sampled: true });
});

void t.test('anything else is ignored', async (t) => {
  for (const text of [
    undefined,
    '',
    traceId,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-01-`,
    `cc-${traceId}-${spanId}-01more`,
    `00-${traceId}-${spanId}-1`,
    `00-${traceId}-${spanId}`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    ` 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01\n`,
    `0-${traceId}-${spanId}-01`,
  ])
    t.equal(parseTraceParent(text), undefined, JSON.stringify(text));
});

void t.test('what is written can be read', async (t) => {
  for (const sampled of [true, false]) {
    const parent = { traceId, spanId, sampled };
    t.strictSame(parseTraceParent(formatTraceParent(parent)), parent);
  }
});
