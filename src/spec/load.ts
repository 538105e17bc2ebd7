import { depthLimit, longText } from './depth.ts';
import type { Diagnosis } from './diagnose.ts';
import { type ExactIntegers, exactIntegers, withLimitsKept } from './exact.ts';
import { lookAt } from './schema-fast.ts';
import type { Spec } from './types.ts';

/** A document that fits the schema. */
export interface LoadedSpec {
  readonly spec: Spec;
  /** Its integers that a JavaScript number cannot hold; in `spec` they are rounded. */
  readonly exact: ExactIntegers;
  /** Whether a string may have a NUL byte or half of a surrogate pair, which JSON has to write as escapes. */
  readonly mayHaveNul: boolean;
}

const none: ExactIntegers = new Map();

/**
 * The text of config.json as a Spec.
 * @param diagnosis brings the part "diagnose", which only a bad document needs (or, on Node 20, a huge integer)
 */
export function loadSpec(text: string, diagnosis: () => Diagnosis): LoadedSpec {
  if (text.length >= longText) refuseDepth(text, diagnosis);
  const document = parse(text, diagnosis);
  const impression = lookAt(document);
  const exact = impression.sure && !impression.rounded ? none : lookCloser(text, document, impression.sure, diagnosis);
  return { spec: document as Spec, exact, mayHaveNul: hasOddEscape(text) };
}

/** Whether there are escapes of NUL or surrogates, of which halves are no characters: engines write others. */
export const hasOddEscape = (text: string): boolean =>
  text.includes('\\u') && ['\\u0000', '\\ud', '\\uD'].some((escape) => text.includes(escape));

/** There are integers to keep, or the fast validator is not sure. */
function lookCloser(text: string, document: unknown, sure: boolean, diagnosis: () => Diagnosis): ExactIntegers {
  const exact = exactIntegers(text, (same) => diagnosis().scannedIntegers(same));
  if (sure && withLimitsKept(document, exact, () => lookAt(document).sure)) return exact;
  const error = diagnosis().refusal(text);
  if (error) throw error;
  return exact;
}

function parse(text: string, diagnosis: () => Diagnosis): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw diagnosis().refusal(text) ?? error;
  }
}

/** An engine without a limit of its own would hand a document on that no recursive function can walk. */
function refuseDepth(text: string, diagnosis: () => Diagnosis): void {
  const mark = /["[\]{}]/g;
  let depth = 0;
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    if (match[0] === '"') mark.lastIndex = afterString(text, match.index);
    else depth += match[0] === '[' || match[0] === '{' ? 1 : -1;
    if (depth > depthLimit) throw diagnosis().refusal(text) ?? new Error(`nested deeper than ${depthLimit} levels`);
  }
}

/** The offset after the string that begins at `start`. */
function afterString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charAt(end - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}
