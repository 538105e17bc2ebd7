import t from 'tap';
import type { Signal, SignalMatch } from './client.ts';
import { fits, ruleOf } from './match.ts';

const signal: Signal = { sender: ':1.1', path: '/a', interface: 'a.B', member: 'C', body: [1, 'x', 'y'] };
const match: SignalMatch = { interface: 'a.B', member: 'C' };

t.test('signals that somebody waits for', async (t) => {
  const table: [Partial<SignalMatch>, boolean][] = [
    [{}, true],
    [{ sender: ':9.9' }, true],
    [{ path: '/a' }, true],
    [{ path: '/a/b' }, false],
    [{ interface: 'a.D' }, false],
    [{ member: 'D' }, false],
    [{ args: [[1, 'x']] }, true],
    [
      {
        args: [
          [1, 'x'],
          [2, 'y'],
        ],
      },
      true,
    ],
    [
      {
        args: [
          [1, 'x'],
          [2, 'z'],
        ],
      },
      false,
    ],
    [{ args: [[0, '1']] }, false],
    [{ args: [[3, 'x']] }, false],
  ];
  for (const [more, expected] of table) t.equal(fits(signal, { ...match, ...more }), expected, JSON.stringify(more));
});

t.test('rules for the bus', async (t) => {
  t.equal(ruleOf(match), "type='signal',interface='a.B',member='C'");
  t.equal(
    ruleOf({
      ...match,
      sender: 's.t',
      path: '/p',
      args: [
        [2, "it's"],
        [0, 'a,b=\\'],
      ],
    }),
    "type='signal',sender='s.t',path='/p',interface='a.B',member='C',arg2='it'\\''s',arg0='a,b=\\'",
  );
});
