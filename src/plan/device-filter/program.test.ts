import fc from 'fast-check';
import t from 'tap';
import { questions, ruleList } from '../../../conformance/lib/device-rules.ts';
import type { DeviceRule } from '../../spec/types.ts';
import { deviceProgram } from './program.ts';
import { deviceFilter, exceptionText } from './rules.ts';
import { simulate, unreachable, type Wanted } from './simulator.ts';
import { behind, DeviceCgroup } from './version1.ts';

const denyAll: DeviceRule = { allow: false, access: 'rwm' };
const allowAll: DeviceRule = { allow: true, access: 'rwm' };

const rule = (text: string): DeviceRule => {
  const [, verb, type = 'a', major = '*', minor = '*', access = ''] =
    /^(allow|deny) ([abc])(?: ([\d*]+):([\d*]+))? ([rwm]+)$/.exec(text) ?? [];
  const number = (name: string, word: string) => (word === '*' ? {} : { [name]: Number(word) });
  return { allow: verb === 'allow', type, ...number('major', major), ...number('minor', minor), access };
};

const rules = (...texts: string[]): DeviceRule[] => texts.map(rule);

const programOf = (list: readonly DeviceRule[] | undefined): Uint8Array => {
  const program = deviceProgram(deviceFilter(list));
  if (!program) throw new Error('no program');
  return program;
};

const instructions = (list: readonly DeviceRule[] | undefined): number => programOf(list).length / 8;

/** "c 1:3 rw" */
const wanted = (text: string): Wanted => {
  const [, type, major, minor, access = ''] = /^([bc]) (\d+):(\d+) ?(\w*)$/.exec(text) ?? [];
  const bits = [...access].reduce((sum, letter) => sum | { m: 1, r: 2, w: 4 }[letter as 'm'], 0);
  return { type: type === 'b' ? 1 : 2, major: Number(major), minor: Number(minor), access: bits };
};

const answers = (list: readonly DeviceRule[], ...texts: string[]): string =>
  texts.map((text) => simulate(programOf(list), wanted(text))).join('');

const disassembled = (list: readonly DeviceRule[]): string[] => {
  const program = programOf(list);
  const names: Record<number, string> = {
    0x61: 'r%d = %s[%o]',
    0xb4: 'r%d = %i',
    0x16: 'if r%d == %i: %o',
    0x46: 'if r%d & %i: %o',
    0x56: 'if r%d != %i: %o',
    0xa6: 'if r%d < %i: %o',
    0xb6: 'if r%d <= %i: %o',
    0x05: 'jump %o',
    0x95: 'exit',
  };
  const view = new DataView(program.buffer);
  return [...Array(program.length / 8).keys()].map((at) =>
    (names[view.getUint8(at * 8)] ?? '?')
      .replace('%d', `${view.getUint8(at * 8 + 1) & 15}`)
      .replace('%s', `r${view.getUint8(at * 8 + 1) >> 4}`)
      .replace('%o', `${view.getInt16(at * 8 + 2, true)}`)
      .replace('%i', `${view.getUint32(at * 8 + 4, true)}`),
  );
};

t.test('the program of a document that denies everything', async (t) => {
  t.same(disassembled([denyAll]), [
    'r2 = r1[0]',
    'r4 = r1[4]',
    'r5 = r1[8]',
    'r0 = 1',
    'if r2 & 1: 11',
    'if r4 == 136: 13',
    'if r4 != 1: 4',
    'if r5 == 3: 11',
    'if r5 == 5: 10',
    'if r5 < 7: 1',
    'if r5 <= 9: 8',
    'if r4 != 5: 2',
    'if r5 == 0: 6',
    'if r5 == 2: 5',
    'if r4 != 10: 1',
    'if r5 == 200: 3',
    'if r2 & 393216: 1',
    'exit',
    'r0 = 0',
    'exit',
  ]);
  // What runc 1.1.15 loads (BPF_PROG_LOAD under strace: insn_cnt=64), and crun 1.21.
  t.ok(instructions([denyAll]) <= 64);
  t.same(programOf(undefined), programOf([denyAll]), 'as with no rules at all');
  t.same(programOf([]), programOf([denyAll]));
});

t.test('a program has only what it needs', async (t) => {
  t.same(disassembled([allowAll]), ['r0 = 1', 'exit'], 'everything is allowed');
  t.same(disassembled(rules('deny a rwm', 'allow c rwm', 'allow b rwm')), ['r0 = 1', 'exit'], 'in two rules');
  t.same(disassembled(rules('deny a rwm', 'allow c rwm', 'allow b r')), [
    'r2 = r1[0]',
    'r0 = 1',
    'if r2 & 1: 1',
    'exit',
    'if r2 & 262146: 1',
    'exit',
    'r0 = 0',
    'exit',
  ]);
  t.same(disassembled(rules('allow a rwm', 'deny b 8:17 w')), [
    'r2 = r1[0]',
    'r4 = r1[4]',
    'r5 = r1[8]',
    'r0 = 0',
    'if r2 & 2: 4',
    'if r2 & 262144: 1',
    'jump 2',
    'if r4 != 8: 1',
    'if r5 == 17: 1',
    'r0 = 1',
    'exit',
  ]);
  const many = [...Array(256).keys()].map((minor) => `allow c 4:${minor} rw`);
  t.equal(instructions(rules('deny a rwm', ...many)), instructions([denyAll]) + 3, 'a range');
});

t.test('rules are gone through in their order', async (t) => {
  const asked = ['c 1:11 r', 'c 1:11 w', 'c 1:11 rw', 'c 1:12 r', 'b 1:11 r', 'c 1:11 m'];
  t.equal(answers(rules('deny a rwm', 'allow c 1:11 r'), ...asked), '100001');
  t.equal(answers(rules('allow c 1:11 r', 'deny a rwm'), ...asked), '000001', 'a forgets what was before');
  t.equal(answers(rules('allow c 1:11 r', 'allow c 1:11 w'), ...asked), '111001', 'rules for one device are one');
  t.equal(answers(rules('allow c 1:11 rw', 'deny c 1:11 w'), ...asked), '100001');
  t.equal(answers(rules('allow c 1:11 rw', 'deny c 1:* w'), ...asked), '111001', 'only what is named exactly');
  t.equal(answers(rules('allow c 1:* r'), ...asked), '100101');
  t.equal(answers(rules('allow c *:11 r'), ...asked), '100001');
  t.equal(answers(rules('allow c 1:* r', 'allow c 1:11 w'), ...asked), '110101', 'no exception has both');
  t.equal(answers(rules('allow a rwm', 'deny c 1:11 w'), ...asked), '100111', 'who wants both wants too much');
  t.equal(answers(rules('allow a rwm', 'deny c 1:11 w', 'allow c 1:11 w'), ...asked), '111111');
  t.equal(answers(rules('allow a rwm', 'deny a m'), ...asked), '000001', 'a takes no notice of access');
});

t.test('numbers of all 32 bits, and of none', async (t) => {
  const most = 0xffffffff;
  const asked = [`c ${most}:${most} r`, `c 0:${most} r`, `c ${most}:0 r`, 'c 0:0 r'];
  t.equal(answers(rules(`allow c ${most}:${most} r`), ...asked), '1000');
  t.equal(answers(rules(`allow c *:${most} r`), ...asked), '1100');
  t.equal(answers([{ allow: true, type: 'c', major: 0, minor: 0, access: 'r' }], ...asked), '0001');
});

t.test('what would be taken out of a wider exception is found', async (t) => {
  const hole = (...texts: string[]) => deviceFilter(rules(...texts)).hole;
  t.same(hole('deny a rwm', 'allow c 1:* rw', 'deny c 1:11 w'), {
    rule: 2,
    message: 'device rule "deny c 1:11 w" cannot punch hole in existing wildcard rule "allow c 1:* rw"',
  });
  t.same(hole('allow a rwm', 'deny b *:* w', 'allow b *:3 wm'), {
    rule: 2,
    message: 'device rule "allow b *:3 wm" cannot punch hole in existing wildcard rule "deny b *:* w"',
  });
  t.same(hole('allow a rwm', 'deny c 1:* r'), {
    rule: 1,
    message:
      'the device rule of every container "allow c 1:3 rwm" cannot punch hole in existing wildcard rule "deny c 1:* r"',
  });
  t.equal(hole('deny a rwm', 'allow c 1:* r', 'deny c 1:11 w'), undefined, 'not of that access');
  t.equal(hole('deny a rwm', 'allow c 1:* rw', 'deny c 1:* w'), undefined, 'the same devices');
  t.equal(hole('deny a rwm', 'allow c 1:* rw', 'deny b 1:11 w'), undefined, 'not of that type');
});

t.test('the filter is what is left of the rules', async (t) => {
  const texts = (list: readonly DeviceRule[]): string[] => deviceFilter(list).exceptions.map(exceptionText);
  t.equal(texts([denyAll]).length, behind.length);
  t.same(texts(rules('allow c 1:3 r')).slice(0, 1), ['c 1:3 rwm']);
  t.same(texts(rules('allow a rwm', 'deny b 8:* w', 'deny c 7:7 rm')), ['b 8:* w', 'c 7:7 rm']);
  t.match(deviceFilter(rules('allow a rwm', 'deny b 8:0 w')).exceptions, [{ rule: 1 }]);
  t.same(deviceFilter([{ allow: true, type: 'c', major: 7, minor: 7 }]).exceptions.length, behind.length, 'no access');
});

t.test('a program may be long, but not too long', async (t) => {
  const some = (count: number) => [...Array(count).keys()].map((at) => `allow c 7:${at * 2} rw`);
  t.equal(instructions(rules(...some(5000))) > 5000, true);
  t.equal(deviceProgram(deviceFilter(rules(...some(40_000)))), undefined);
});

t.test('random rules: the program answers as cgroup v1 would, and what has a hole is found', async (t) => {
  const full = process.env['OCIRUN_TEST_FULL'] === '1';
  const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 2 ** 31);
  const numRuns = full ? 10_000 : 500;
  const seen = { holes: 0, questions: 0 };
  const property = fc.property(ruleList, (list) => {
    const cgroup = new DeviceCgroup();
    for (const each of [...list, ...behind]) cgroup.write(each);
    const filter = deviceFilter(list);
    if (cgroup.hole !== (filter.hole !== undefined)) return false;
    if (cgroup.hole) seen.holes += 1;
    const program = deviceProgram(filter);
    if (!program || unreachable(program).length > 0) return false;
    return questions(list).every((question) => {
      seen.questions += 1;
      return simulate(program, question) === Number(cgroup.permits(question));
    });
  });
  fc.assert(property, { numRuns, seed });
  t.comment(`seed ${seed}: ${numRuns} lists, ${seen.holes} with holes, ${seen.questions} questions`);
  t.ok(seen.holes > numRuns / 20 && seen.holes < (numRuns * 19) / 20, `${seen.holes} have holes`);
});
