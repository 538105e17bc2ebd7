import t from 'tap';
import { bitmapOf } from './cpu-list.ts';

t.test('lists of processors', async (t) => {
  const table: [string, number[]][] = [
    ['0', [1]],
    ['0-1', [3]],
    ['1,3-5', [0b111010]],
    ['8', [0, 1]],
    ['4-7,13-15', [0xf0, 0xe0]],
    [' 0 , 2 ', [0b101]],
    ['0,,1,', [3]],
    ['0-10:2/4', [0b00110011, 0b011]],
  ];
  for (const [list, bytes] of table) t.strictSame(bitmapOf(list), Uint8Array.from(bytes), list);
});

t.test('what is no list', async (t) => {
  for (const list of ['', ',', '-1', '1-', 'a', '3-1', '0-99999999', '99999999', '0-3:1/0', '1-2-3', '0x1'])
    t.equal(bitmapOf(list), undefined, list);
});
