import fc from 'fast-check';
import t from 'tap';
import { decodeRecord, encodeRecord } from './record.ts';

t.test('a record can be read back', async (t) => {
  const record = decodeRecord(encodeRecord('failure', 7, -1, new Uint32Array([1, 2])));
  t.match(record, { kind: 'failure', a: 7, b: -1 });
  t.same([...(record?.detail ?? [])], [1, 0, 0, 0, 2, 0, 0, 0]);
});

t.test('bytes that are no record are none', async (t) => {
  t.equal(decodeRecord(new Uint8Array(15)), undefined);
  t.equal(decodeRecord(new Uint8Array(16)), undefined, 'kind 0');
  const long = encodeRecord('ready', 0, 0, new Uint32Array(1));
  t.equal(decodeRecord(long.subarray(0, 17)), undefined, 'shorter than it says');
});

t.test('bytes of any kind are a record within their bounds, or none', async (t) => {
  const words = fc.array(fc.oneof(fc.nat(30), fc.nat(0xffffffff)), { minLength: 4, maxLength: 12 });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    words.map((list) => new Uint8Array(new Uint32Array(list).buffer)),
  );
  const property = fc.property(bytes, (received) => {
    const record = decodeRecord(received);
    return record === undefined || record.detail.length <= received.length - 16;
  });
  fc.assert(property, { numRuns: 5000 });
  t.pass('no detail beyond its bounds');
});
