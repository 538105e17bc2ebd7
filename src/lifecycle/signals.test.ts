import t from 'tap';
import { signalNumber } from './signals.ts';

const rows: Readonly<Record<string, number>> = {
  '9': 9,
  KILL: 9,
  SIGKILL: 9,
  sigkill: 9,
  Term: 15,
  '15': 15,
  USR2: 12,
  CHLD: 17,
  CLD: 17,
  SYS: 31,
  WINCH: 28,
  RTMIN: 34,
  'SIGRTMIN+3': 37,
  'RTMAX-1': 63,
  '64': 64,
};

t.test('names and numbers', async (t) => {
  for (const [text, number] of Object.entries(rows)) t.equal(signalNumber(text), number, text);
});

t.test('what is no signal is refused by name', async (t) => {
  for (const text of ['', '0', '65', '-9', '9x', 'KILLER', 'SIG', 'constructor', 'RTMAX+1', '1e1'])
    t.throws(() => signalNumber(text), { code: 'E_SIGNAL', message: `unknown signal "${text}"` }, text || '(empty)');
});
