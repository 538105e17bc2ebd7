import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { allowing, answers, dockerProfile, filtering } from './profile.ts';

const own = {
  only: 'ocirun',
  unless: process.arch === 'x64' ? false : 'the numbers of system calls are those of x86-64',
} as const;

const [getpid, getpgrp] = ['64:39', '64:111'];
const refusing = (errnoRet: number) => allowing({ names: ['getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet });

/** The filters that are kept. */
const saved = (box: Sandbox): string[] =>
  readdirSync(box.root)
    .filter((name) => name.startsWith('~'))
    .map((name) => join(box.root, name));

conformance(
  'a filter is kept for the next container, and is another one for another profile',
  (t, box) => {
    t.strictSame(answers(box, [getpgrp, getpid], refusing(7)), ['E7', 'ok']);
    const [file = ''] = saved(box);
    const before = readFileSync(file);
    t.strictSame(answers(box, [getpgrp, getpid], refusing(7)), ['E7', 'ok']);
    t.strictSame(answers(box, [getpgrp, getpid], refusing(8)), ['E8', 'ok']);
    t.strictSame(answers(box, [getpgrp, getpid], refusing(7)), ['E7', 'ok']);
    t.strictSame(readFileSync(file), before);
    t.ok(saved(box).length <= 2);
    t.equal(box.must(['list', '--quiet']).stdout, '');
    t.equal(box.must(['list']).stderr, '', 'they are no containers');
  },
  own,
);

conformance(
  'what is kept is only believed where it is of the same profile, and whole',
  (t, box) => {
    const profile = { ...dockerProfile(), defaultErrnoRet: 9 };
    const ask = (): string[] => answers(box, ['64:163', getpid], filtering(profile));
    t.strictSame(ask(), ['E9', 'ok']);
    const [file = ''] = saved(box);
    const whole = readFileSync(file);
    // With one byte less or more, empty, with another count of words, with another text, with what is no text.
    const changed = (at: number, byte: number): Buffer => {
      const copy = Buffer.from(whole);
      copy[at] = byte;
      return copy;
    };
    const length = whole.length;
    const broken = [
      whole.subarray(0, length - 1),
      Buffer.concat([whole, Buffer.from(' ')]),
      Buffer.alloc(0),
      Buffer.alloc(3),
      changed(0, (whole[0] ?? 0) ^ 2),
      changed(3, 0xff),
      changed(length - 2, 0x20),
      changed(length - 2, 0xff),
    ];
    for (const bytes of broken) {
      writeFileSync(file, bytes);
      t.strictSame(ask(), ['E9', 'ok'], `${bytes.length} bytes`);
      t.strictSame(readFileSync(file), whole, 'and what is kept is whole again');
    }
  },
  own,
);

conformance(
  'what somebody else may have written is not believed',
  (t, box) => {
    const weak = answers(box, [getpgrp, getpid], refusing(7));
    t.strictSame(weak, ['E7', 'ok']);
    const [file = ''] = saved(box);
    const whole = readFileSync(file);
    // The same text, with a program that allows everything.
    const text = whole.subarray(4 + 4 * whole.readUInt32LE(0));
    const planted = Buffer.concat([Buffer.from([2, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0xff, 0x7f]), text]);
    for (const make of [
      () => (writeFileSync(file, planted), chownSync(file, 1000, 1000)),
      () => (writeFileSync(file, planted), chownSync(file, 0, 0), chmodSync(file, 0o620)),
      () => (rmSync(file), symlinkSync(box.file('planted', planted.toString('latin1')), file)),
    ]) {
      make();
      t.strictSame(answers(box, [getpgrp, getpid], refusing(7)), ['E7', 'ok']);
      t.strictSame(readFileSync(file), whole);
    }
  },
  own,
);

conformance(
  'a profile with values that numbers cannot hold is not taken for another',
  (t, box) => {
    const on = (value: string) => {
      const args = [{ index: 0, op: 'SCMP_CMP_EQ', value: 1 }];
      const bundle = box.bundle(
        (c) => void (c.process.args = ['/calls', `64:39:${value}`]),
        allowing({ names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 7, args }),
      );
      const config = readFileSync(join(bundle, 'config.json'), 'utf8');
      return { bundle, write: (exact: string) => config.replace(/"value": 1\b/, `"value": ${exact}`) };
    };
    answers(box, [getpid], refusing(7));
    const kept = saved(box).length;
    for (const [asked, exact, expected] of [
      ['18446744073709551615', '18446744073709551615', 'E7'],
      ['18446744073709551614', '18446744073709551615', 'ok'],
      ['18446744073709551614', '18446744073709551614', 'E7'],
    ] as const) {
      const { bundle, write } = on(asked);
      writeFileSync(join(bundle, 'config.json'), write(exact));
      t.strictSame(JSON.parse(box.must(['run', '--bundle', bundle, box.id()]).stdout), [expected], exact);
    }
    t.equal(saved(box).length, kept);
  },
  own,
);

conformance(
  'plan keeps nothing',
  (t, box) => {
    box.must(['plan', '--bundle', box.bundle(refusing(7))]);
    t.strictSame(saved(box), []);
  },
  own,
);
