import { OcirunError } from '../errors/error.ts';
import { printable } from '../errors/printable.ts';
import { configFindings } from '../lifecycle/explain-config.ts';
import { readConfig } from '../lifecycle/read-config.ts';
import { unreadable } from '../lifecycle/unreadable.ts';
import type { PlacedFinding } from '../spec/findings.ts';
import { absolute } from '../state/root.ts';
import { sys } from '../sys/index.ts';
import { type Context, textOption } from './context.ts';

/** Findings about one config.json. */
interface Findings {
  /** The file, as the user would name it. */
  readonly file: string;
  readonly findings: readonly PlacedFinding[];
}

/** `validate`: everything that is wrong with a config.json. */
export function validateCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'text';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`);
  const bundle = bundleOf(context);
  const isStrict = context.options['strict'] === true;
  const found = configFindings(readConfig(absolute(bundle), () => unreadable));
  const findings = isStrict ? found.map((each) => ({ ...each, severity: 'error' as const })) : found;
  const file = bundle === '.' ? 'config.json' : `${bundle.replace(/\/+$/, '')}/config.json`;
  sys.write(1, print({ file, findings }));
  return countOf(findings, 'error') === 0 ? 0 : 1;
}

function bundleOf(context: Context): string {
  const [named] = context.args;
  const option = textOption(context, 'bundle');
  if (named !== undefined && option !== undefined)
    throw new OcirunError('E_USAGE', 'the bundle is named twice: as an argument and by --bundle');
  return named ?? option ?? '.';
}

const countOf = (findings: readonly PlacedFinding[], severity: string): number =>
  findings.filter((each) => each.severity === severity).length;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const printers: Readonly<Record<string, (findings: Findings) => string>> = {
  text: ({ file, findings }) => {
    const errors = counted(countOf(findings, 'error'), 'error');
    const warnings = counted(countOf(findings, 'warning'), 'warning');
    const summary = findings.length === 0 ? 'nothing is wrong' : `${errors}, ${warnings}`;
    return `${findings.map((finding) => paragraph(file, finding)).join('')}${file}: ${summary}\n`;
  },
  json: ({ file, findings }) => {
    const listed = findings.map((finding) => record(file, finding));
    const counts = { errors: countOf(findings, 'error'), warnings: countOf(findings, 'warning') };
    return `${JSON.stringify({ file, ...counts, findings: listed }, null, 2)}\n`;
  },
};

const location = (file: string, { place }: PlacedFinding): string =>
  place ? `${file}:${place.line}:${place.column}` : file;

function paragraph(file: string, finding: PlacedFinding): string {
  const { severity, code, message, details } = finding;
  const { pointer, found, expected, hint } = details;
  const rows = Object.entries({ found, expected, hint }).filter(([, text]) => text !== undefined);
  const head = [`${location(file, finding)}:`, severity, code, pointer].filter(Boolean).join(' ');
  const lines = [`${head}: ${message}`, ...rows.map(([name, text]) => `    ${name}: ${text}`)];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function record(file: string, finding: PlacedFinding): object {
  const { severity, code, message, place, details } = finding;
  return { severity, code, location: location(file, finding), ...place, message, ...details };
}
