import { printable } from '../errors/printable.ts';
import type { Place } from '../spec/locate.ts';
import type { Finding } from '../validate/finding.ts';

/** A finding with its place; a file that cannot be read has none. */
export interface Printed extends Omit<Finding, 'details'> {
  readonly details: Partial<Finding['details']>;
  readonly place?: Place | undefined;
}

/** Findings about one config.json. */
export interface Findings {
  /** The file, as the user would name it. */
  readonly file: string;
  readonly errors: number;
  readonly warnings: number;
  /** The first of them. */
  readonly findings: readonly Printed[];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const locationIn = (file: string, { place }: Printed): string =>
  place ? `${file}:${place.line}:${place.column}` : file;

function paragraph(file: string, each: Printed): string {
  const { severity, code, message, details } = each;
  const { pointer, found, expected, hint } = details;
  const rows = Object.entries({ found, expected, hint }).filter(([, text]) => text !== undefined);
  const head = [`${locationIn(file, each)}:`, severity, code, pointer].filter(Boolean).join(' ');
  const lines = [`${head}: ${message}`, ...rows.map(([name, text]) => `    ${name}: ${text}`)];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function record(file: string, each: Printed): object {
  const { severity, code, message, place, details } = each;
  return { severity, code, location: locationIn(file, each), ...place, message, ...details };
}

/** What `validate --format` knows. */
export const printers: Readonly<Record<string, (findings: Findings) => string>> = {
  text: ({ file, findings, errors, warnings }) => {
    const more = errors + warnings - findings.length;
    const counts = [counted(errors, 'error'), counted(warnings, 'warning')];
    if (more > 0) counts.push(`of which ${more} are not shown`);
    return `${findings.map((each) => paragraph(file, each)).join('')}${file}: ${counts.join(', ')}\n`;
  },
  json: ({ findings, ...counts }) => {
    const listed = findings.map((each) => record(counts.file, each));
    return `${JSON.stringify({ ...counts, findings: listed }, null, 2)}\n`;
  },
};
