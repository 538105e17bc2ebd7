/** What the document says stands in the control files before the program runs; systemd knows it, too, and keeps it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { conformance, wanted } from '../lib/conformance.ts';
import { flavour } from '../lib/runtime.ts';
import { Sandbox } from '../lib/sandbox.ts';
import { cases, disk, withBfq, type Case } from './cases.ts';
import { bySystemd, create, limits, resources, shown, type Limited } from './limited.ts';

type Values = Readonly<Record<string, string>>;

/** The lines that are expected, of those that each file has. */
function found(limited: Limited, files: Values): Values {
  const entries = Object.entries(files).map(([file, wanted]) => {
    const text = limited.read(file);
    return [file, text.split('\n').find((line) => line === wanted) ?? text];
  });
  return Object.fromEntries(entries) as Values;
}

/** What came of a case. */
interface Outcome {
  /** Why there is no container. */
  readonly error?: Error;
  readonly files?: Values;
  readonly unit?: Values | undefined;
  /** The same after `systemctl daemon-reload`. */
  readonly filesLater?: Values;
  readonly unitLater?: Values | undefined;
}

/** Whether systemd is asked: what it keeps is a promise of ocirun. */
const asked = bySystemd && flavour === 'ocirun';

const attempt = (box: Sandbox, one: Case, index: number): Limited | { readonly error: Error } => {
  try {
    return create(box, [resources(one.resources)], String(index));
  } catch (error) {
    return { error: error as Error };
  }
};

/** Make all containers, so that the guest has to read its units again but once. */
function gather(box: Sandbox, all: readonly Case[]): Map<Case, Outcome> {
  const made = all.map((one, index) => ({ one, limited: attempt(box, one, index) }));
  const living = made.flatMap(({ one, limited }) => ('error' in limited ? [] : [{ one, limited }]));
  const properties = [...new Set(all.flatMap(({ unit }) => Object.keys(unit ?? {})))];
  const look = () => {
    const units = living.map(({ limited }) => limited.unit);
    const told = asked ? shown(units, properties) : new Map<string, Values>();
    return living.map(({ one, limited }) => ({ files: found(limited, one.files), unit: told.get(limited.unit) }));
  };
  const before = look();
  if (asked) execFileSync('systemctl', ['daemon-reload']);
  const after = look();
  const outcomes = new Map<Case, Outcome>();
  for (const { one, limited } of made) if ('error' in limited) outcomes.set(one, limited);
  living.forEach(({ one }, index) =>
    outcomes.set(one, { ...before[index], filesLater: after[index]?.files ?? {}, unitLater: after[index]?.unit }),
  );
  return outcomes;
}

function judge(t: Test, { files, unit, forgotten = [] }: Case, outcome: Outcome | undefined): void {
  if (outcome?.error !== undefined) throw outcome.error;
  t.strictSame(outcome?.files, files);
  if (!asked) return;
  const kept = Object.fromEntries(Object.entries(files).filter(([file]) => !forgotten.includes(file)));
  t.match(outcome?.unit, unit ?? {}, 'systemd knows it');
  t.match(outcome?.filesLater, kept, 'systemd keeps it when it reads its units again');
  t.match(outcome?.unitLater, unit ?? {}, 'and still knows it');
}

const all = cases.filter(({ name, unless }) => !unless && wanted(`${limits}: ${name}`));
const box = new Sandbox();
const outcomes = gather(box, all);
const left = box.close();

for (const one of cases)
  conformance(`${limits}: ${one.name}`, (t) => judge(t, one, outcomes.get(one)), { unless: one.unless ?? false });

void t.test(`${limits}: nothing is left of ${all.length} containers`, (t) => {
  t.strictSame(left, []);
  t.end();
});

for (const one of withBfq)
  conformance(`${limits}: ${one.name}`, (t, box) => {
    const scheduler = `/sys/block/${disk.path.slice('/dev/'.length)}/queue/scheduler`;
    execFileSync('modprobe', ['bfq']);
    writeFileSync(scheduler, 'bfq');
    box.undo(() => {
      writeFileSync(scheduler, 'none');
      execFileSync('modprobe', ['-r', 'bfq']);
    });
    judge(t, one, gather(box, [one]).get(one));
  });
