import type { ExactIntegers } from './exact.ts';
import { type Knowledge, type PlacedFinding, judge } from './findings.ts';
import { scan } from './scan.ts';
import { scannedIntegers } from './scanned-integers.ts';
import { OcirunError } from '../errors/error.ts';
import { locationOf } from './locate.ts';

/** What a bad document needs. It is not loaded for a good one: it is ten times the size of what that needs. */
export interface Diagnosis {
  /** The unsafe integers of a JSON text; of a text that is none, nothing. */
  scannedIntegers(text: string): ExactIntegers;
  /** Why a document is refused, if it is. */
  refusal(text: string): OcirunError | undefined;
}

/** More errors than this are not told one by one: one line has to hold them all. */
const mostErrors = 100;

/** The error that says of a text everything that is wrong with it; undefined where there is nothing. */
export function refusal(text: string, knowledge: Knowledge): OcirunError | undefined {
  const { found, complete } = judge(text, knowledge);
  const errors = found.filter(({ severity }) => severity === 'error');
  const [first, ...others] = errors.slice(0, mostErrors).map((each) => asError(complete(each), each.details.expected));
  if (!first) return undefined;
  const more = errors.length - mostErrors;
  if (more > 0) others.push(new OcirunError(first.code, `${more} more errors: see ocirun validate`));
  return others.length === 0 ? first : new OcirunError(first.code, first.message, { ...first.details, others });
}

/** @param expected what a rule says beside its message, which one line of text would not show */
function asError({ code, message, details, place }: PlacedFinding, expected = ''): OcirunError {
  const told = message.includes(expected) ? message : `${message}: expected ${expected}`;
  return new OcirunError(code, told, { ...details, location: locationOf(place) });
}

export const diagnosisWith = (knowledge: Knowledge): Diagnosis => ({
  refusal: (text) => refusal(text, knowledge),
  scannedIntegers: (text) => {
    const scanned = scan(text);
    return 'root' in scanned ? scannedIntegers(text, scanned.root) : new Map();
  },
});
