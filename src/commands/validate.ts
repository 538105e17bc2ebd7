import { OcirunError } from '../errors/error.ts';
import { printable } from '../errors/printable.ts';
import { judgeConfig } from '../lifecycle/explain-config.ts';
import { readConfig } from '../lifecycle/read-config.ts';
import { unreadable } from '../lifecycle/unreadable.ts';
import type { PlacedFinding } from '../spec/findings.ts';
import { absolute } from '../state/root.ts';
import { part, sys } from '../sys/index.ts';
import type { Finding } from '../validate/finding.ts';
import { type Context, textOption } from './context.ts';

/** Findings about one config.json. */
interface Findings {
  /** The file, as the user would name it. */
  readonly file: string;
  readonly errors: number;
  readonly warnings: number;
  /** The first of them. */
  readonly findings: readonly PlacedFinding[];
}

/** More findings than this are counted, not printed. */
const mostFindings = 1000;

/** `validate`: everything that is wrong with a config.json. */
export function validateCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'text';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`);
  const found = findingsIn(bundleOf(context), context.options);
  sys.write(1, print(found));
  return found.errors === 0 ? 0 : 1;
}

function bundleOf(context: Context): string {
  const [named] = context.args;
  const option = textOption(context, 'bundle');
  if (named !== undefined && option !== undefined)
    throw new OcirunError('E_USAGE', 'the bundle is named twice: as an argument and by --bundle');
  return named ?? option ?? '.';
}

function findingsIn(bundle: string, { strict, host }: Context['options']): Findings {
  const directory = absolute(bundle);
  const text = readConfig(directory, () => unreadable);
  const { found, inOrder, complete } = judgeConfig(
    text,
    host ? (spec) => part('host').hostFindings(spec, directory) : undefined,
  );
  const severity = (each: Finding): Finding['severity'] => (strict ? 'error' : each.severity);
  const errors = found.filter((each) => severity(each) === 'error').length;
  return {
    file: bundle === '.' ? 'config.json' : `${bundle.replace(/\/+$/, '')}/config.json`,
    errors,
    warnings: found.length - errors,
    findings: inOrder()
      .slice(0, mostFindings)
      .map((each) => ({ ...complete(each), severity: severity(each) })),
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const printers: Readonly<Record<string, (findings: Findings) => string>> = {
  text: ({ file, findings, errors, warnings }) => {
    const more = errors + warnings - findings.length;
    const summary = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}${more > 0 ? `, of which ${more} are not shown` : ''}`;
    return `${findings.map((each) => paragraph(file, each)).join('')}${file}: ${summary}\n`;
  },
  json: ({ findings, ...counts }) => {
    const listed = findings.map((each) => record(counts.file, each));
    return `${JSON.stringify({ ...counts, findings: listed }, null, 2)}\n`;
  },
};

const locationIn = (file: string, { place }: PlacedFinding): string => `${file}:${place.line}:${place.column}`;

function paragraph(file: string, each: PlacedFinding): string {
  const { severity, code, message, details } = each;
  const { pointer, found, expected, hint } = details;
  const rows = Object.entries({ found, expected, hint }).filter(([, text]) => text !== undefined);
  const head = [`${locationIn(file, each)}:`, severity, code, pointer].filter(Boolean).join(' ');
  const lines = [`${head}: ${message}`, ...rows.map(([name, text]) => `    ${name}: ${text}`)];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function record(file: string, each: PlacedFinding): object {
  const { severity, code, message, place, details } = each;
  return { severity, code, location: locationIn(file, each), ...place, message, ...details };
}
