import type { Plan } from '../build.ts';
import { type Kind, kinds } from '../protocol.ts';
import { hasListener } from '../seccomp.ts';
import type { Step } from '../steps.ts';
import { hexadecimal } from './devices.ts';
import { answerRows, beforeRows, hookRows, namespaceRows, type PlanView, type Row, slotName } from './runtime.ts';
import { type SlotName, stepTexts } from './steps.ts';
import { quoted } from './words.ts';

/** Rows under one heading. */
interface Section {
  readonly heading: string;
  readonly rows: readonly Row[];
}

/** The plan for people: what is done by whom in which order, and what of config.json asks for it. */
export function planText(view: PlanView): string {
  const { plan, id, bundle, rootfs } = view;
  const slot = slotName(plan);
  const numbered = (steps: readonly Step[], first: number): Row[] =>
    steps.map((step, index) => stepRow(step, first + index, slot));
  const sections: Section[] = [
    { heading: 'Namespaces', rows: namespaceRows(view) },
    { heading: 'The runtime', rows: beforeRows(view) },
    ...parts(view, plan.stage1, numbered(plan.stage1, 0), 'Init, first stage: beside the caller'),
    ...parts(view, plan.stage2, numbered(plan.stage2, plan.stage1.length), 'Init, second stage: in its namespaces'),
    { heading: 'The runtime, when the program runs', rows: hookRows(view, 'poststart') },
    { heading: 'The runtime, when the container is deleted', rows: hookRows(view, 'poststop') },
    { heading: 'Warnings', rows: plan.warnings.map((warning) => ({ name: '', told: warning, pointer: '' })) },
  ];
  const title = `Container ${quoted(id)} of the bundle ${quoted(bundle)}, root filesystem ${quoted(rootfs)}\n`;
  const told = sections.filter(({ rows }) => rows.length > 0).map((section) => sectionText(section, view.locate));
  return [title, ...told].join('\n');
}

const stepRow = (step: Step, number: number, slot: SlotName): Row => ({
  name: `${`${number}`.padStart(3)} ${step.op}`,
  told: stepTexts[step.op](step, slot),
  pointer: step.pointer,
  // Of these, every line is one item of the list in config.json.
  ...(step.op === 'mask' || step.op === 'readonlyPath'
    ? { pointers: step.strs.map((_, index) => `${step.pointer}/${index}`) }
    : {}),
});

/** The steps of a stage, cut where init waits: what the runtime does there stands between. */
function parts(view: PlanView, steps: readonly Step[], rows: readonly Row[], heading: string): Section[] {
  const sections: Section[] = [];
  const goesOn = `${heading.slice(0, heading.indexOf(':'))}, goes on`;
  let begin = 0;
  const close = (end: number): void => {
    if (end > begin) sections.push({ heading: begin === 0 ? heading : goesOn, rows: rows.slice(begin, end) });
    begin = end;
  };
  steps.forEach((step, index) => {
    const kind = kindOf(step);
    if (!kind && step.op !== 'awaitStart') return;
    close(index + 1);
    if (kind) sections.push({ heading: `The runtime, at "${kind}"`, rows: answerRows[kind]?.(view) ?? [] });
    else sections.push({ heading: 'The runtime, at start', rows: [startRow] });
  });
  close(rows.length);
  return sections;
}

const startRow: Row = { name: 'start', told: 'open exec.fifo for reading', pointer: '' };

/** What init announces at a step. */
const kindOf = (step: Step): Kind | undefined => (hasListener(step) ? 'listener' : announcement(step));

const announcement = ({ op, nums }: Step): Kind | undefined =>
  op === 'await' ? (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind] === nums[0]) : undefined;

/** Columns of what is said, and of where it comes from. */
const textColumn = 26;
const placeColumn = 100;

function sectionText({ heading, rows }: Section, locate: PlanView['locate']): string {
  const lines = rows.flatMap(({ name, told, pointer, pointers = [] }) => {
    const [first, ...more] = typeof told === 'string' ? [told] : told;
    const place = (text: string, from: string | undefined): string => placed(text, from ? locate(from) : '', from);
    return [
      place(`  ${name}`.padEnd(textColumn) + first, pointer),
      ...more.map((text, index) => place(`${' '.repeat(textColumn + 2)}${text}`, pointers[index])),
    ];
  });
  return `${heading}\n${lines.map((line) => `${line}\n`).join('')}`;
}

const placed = (text: string, location: string | undefined, pointer = ''): string =>
  pointer === '' ? text : `${text.padEnd(placeColumn - 2)}  ${location ?? 'config.json'} ${pointer}`;

/** The plan with the place in config.json of everything that has a pointer, for JSON. */
export function locatedPlan(plan: Plan, locate: PlanView['locate']): object {
  const located = <T extends { readonly pointer: string }>(each: T): T => {
    const location = each.pointer === '' ? undefined : locate(each.pointer);
    return location === undefined ? each : { ...each, location };
  };
  const step = (each: Step): object => ({
    ...located(each),
    ...(each.words
      ? { words: hexadecimal(new Uint8Array(each.words.buffer, each.words.byteOffset, each.words.byteLength)) }
      : {}),
  });
  return {
    ...plan,
    stage1: plan.stage1.map(step),
    stage2: plan.stage2.map(step),
    sources: plan.sources.map(located),
    ...(plan.controls ? { controls: plan.controls.map(located) } : {}),
    ...(plan.deviceProgram ? { deviceProgram: hexadecimal(plan.deviceProgram()) } : {}),
    ...(plan.limits ? { limits: plan.limits.map(located) } : {}),
  };
}
