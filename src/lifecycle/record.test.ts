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
