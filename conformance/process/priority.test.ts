import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { sinceRunc } from '../lib/version.ts';

const scope = { unless: sinceRunc('1.2.0') };
const priority = (value: unknown): Edit => {
  return (config) => void (config.process['ioPriority'] = value);
};

/** Class and level as ioprio_get(2) tells them: the class in the bits from 13 on. */
const classes = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const;

for (const [name, number] of Object.entries(classes))
  conformance(
    `ioPriority: ${name} with its lowest and its highest level`,
    (t, box) => {
      for (const level of [0, 7])
        t.equal(box.report([priority({ class: name, priority: level })]).ioPriority, (number << 13) | level);
    },
    scope,
  );

conformance(
  'ioPriority: an ordinary user has it though it may not set it',
  (t, box) => {
    const user: Edit = (config) => void (config.process.user = { uid: 1000, gid: 1000 });
    const report = box.report([priority({ class: 'IOPRIO_CLASS_RT', priority: 3 }), user]);
    t.equal(report.ioPriority, (1 << 13) | 3);
  },
  scope,
);

conformance('ioPriority: absent, the caller’s stays', (t, box) => {
  t.equal(box.report([], { through: ['ionice', '-c', '2', '-n', '6'] }).ioPriority, (2 << 13) | 6);
});

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['an unknown class', { class: 'IOPRIO_CLASS_BOGUS', priority: 1 }, /IOPRIO_CLASS_BOGUS|class must be one of/],
  ['no class', { priority: 1 }, /class/i],
  ['a level above 7', { class: 'IOPRIO_CLASS_BE', priority: 8 }, /priority.*8/i],
  ['a level below 0', { class: 'IOPRIO_CLASS_BE', priority: -1 }, /priority.*-1/i],
];

for (const [name, value, text] of wrong)
  conformance(`ioPriority: ${name} is refused`, (t, box) => refuses(t, box, [priority(value)], { says: text }), scope);
