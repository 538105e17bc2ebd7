import { OcirunError } from '../errors/error.ts';
import { judgeConfig } from '../lifecycle/explain-config.ts';
import { readConfig } from '../lifecycle/read-config.ts';
import { unreadable } from '../lifecycle/unreadable.ts';
import { absolute } from '../state/root.ts';
import { part, sys } from '../sys/index.ts';
import type { Spec } from '../spec/types.ts';
import type { Finding } from '../validate/finding.ts';
import type { Verdict } from '../validate/index.ts';
import { type Context, textOption } from './context.ts';
import { type Findings, type Printed, printers } from './findings-print.ts';

/** More findings than this are counted, not printed. */
const mostFindings = 1000;

/** `validate`: everything that is wrong with a config.json. */
export function validateCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'text';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`);
  const bundle = bundleOf(context);
  const file = bundle === '.' ? 'config.json' : `${bundle.replace(/\/+$/, '')}/config.json`;
  const found = { file, ...findingsIn(absolute(bundle), context) };
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

function findingsIn(bundle: string, context: Context): Omit<Findings, 'file'> {
  let text: string;
  try {
    text = readConfig(bundle, () => unreadable);
  } catch (error) {
    return { errors: 1, warnings: 0, findings: [ofNoText(error)] };
  }
  return findingsOf(text, bundle, context);
}

function findingsOf(text: string, bundle: string, context: Context): Omit<Findings, 'file'> {
  const { strict, host } = context.options;
  const also = (spec: Spec): Verdict => {
    const { errors, warnings } = host
      ? part('host').hostFindings(spec, bundle, part('resources').resourceControls(spec.linux?.resources ?? {}))
      : { errors: [], warnings: [] };
    const ofUnit = context.systemdCgroup ? part('systemd').unitRefusals(spec, Boolean(host)) : [];
    return { errors: [...errors, ...ofUnit], warnings };
  };
  const { found, inOrder, complete } = judgeConfig(text, host || context.systemdCgroup ? also : undefined);
  const severity = (each: Finding): Finding['severity'] => (strict ? 'error' : each.severity);
  const errors = found.filter((each) => severity(each) === 'error').length;
  const first = inOrder().slice(0, mostFindings);
  const findings = first.map((each) => ({ ...complete(each), severity: severity(each) }));
  return { errors, warnings: found.length - errors, findings };
}

/** Why there is no text, as a finding. */
function ofNoText(error: unknown): Printed {
  if (!(error instanceof OcirunError)) throw error;
  const { location = '', hint } = error.details;
  const [, line, column] = /:(\d+):(\d+)$/.exec(location) ?? [];
  return {
    severity: 'error',
    code: error.code,
    message: error.message,
    details: hint === undefined ? {} : { hint },
    ...(line === undefined ? {} : { place: { line: Number(line), column: Number(column) } }),
  };
}
