import { OcirunError } from '../errors/error.ts';
import type { Diagnosis } from './diagnose.ts';
import { type ExactIntegers, exactIntegers, withLimitsKept } from './exact.ts';
import { lookAt } from './schema-fast.ts';
import type { Spec } from './types.ts';

/** A document that fits the schema. */
export interface LoadedSpec {
  readonly spec: Spec;
  /** Its integers that a JavaScript number cannot hold; in `spec` they are rounded. */
  readonly exact: ExactIntegers;
  /** Whether a string may have a NUL byte, which JSON has to write as an escape. */
  readonly mayHaveNul: boolean;
}

const none: ExactIntegers = new Map();

/** The document nested deeper than this is refused; an engine may stop earlier. */
const depthLimit = 1000;

/** Only a text of this length can be nested so deep that a parser or its caller runs out of stack. */
const longText = 100_000;

/**
 * The text of config.json as a Spec.
 * @param diagnosis brings src/spec/diagnose.ts, which only a bad document needs (or, on Node 20, a huge integer)
 */
export function loadSpec(text: string, diagnosis: () => Diagnosis): LoadedSpec {
  if (text.length > longText) refuseDepth(text);
  const document = parse(text, diagnosis);
  const impression = lookAt(document);
  const exact = impression.sure && !impression.rounded ? none : lookCloser(text, document, impression.sure, diagnosis);
  return { spec: document as Spec, exact, mayHaveNul: text.includes('\\u0000') };
}

/** There are integers to keep, or the fast validator is not sure. */
function lookCloser(text: string, document: unknown, sure: boolean, diagnosis: () => Diagnosis): ExactIntegers {
  const exact = exactIntegers(text, (same) => diagnosis().scannedIntegers(same));
  if (!sure || !withLimitsKept(document, exact, () => lookAt(document).sure)) explain(document, exact, diagnosis());
  return exact;
}

function parse(text: string, diagnosis: () => Diagnosis): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw syntaxError(text, diagnosis(), error);
  }
}

function syntaxError(text: string, diagnosis: Diagnosis, cause: unknown): OcirunError {
  const fail = (place: string, reason: string): OcirunError =>
    new OcirunError('E_CONFIG_JSON', `read ${place}: ${reason}`, { path: 'config.json', cause });
  if (text.trim() === '') return fail('config.json', 'the file is empty');
  if (text.startsWith('\ufeff')) return fail('config.json:1:1', 'the file begins with a byte order mark (U+FEFF)');
  const fault = diagnosis.syntaxFault(text);
  // The engine runs out of stack before our own scanner finds the text too deep.
  if (!fault) return fail('config.json', 'it is nested too deep');
  return fail(`config.json:${fault.line}:${fault.column}`, fault.message);
}

/** An engine without a limit of its own would hand a document on that no recursive function can walk. */
function refuseDepth(text: string): void {
  let depth = 0;
  for (const bracket of text.replace(/"(?:[^"\\]|\\.)*"|[^[\]{}"]+/g, '')) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth <= depthLimit) continue;
    throw new OcirunError('E_CONFIG_JSON', `read config.json: it is nested deeper than ${depthLimit} levels`);
  }
}

/** The fast validator was not sure: fail with everything that is wrong, if anything is. */
function explain(document: unknown, exact: ExactIntegers, diagnosis: Diagnosis): void {
  const faults = withLimitsKept(document, exact, () => diagnosis.schemaFaults(document));
  const [first] = faults;
  if (!first) return;
  const reasons = faults.map(({ pointer, message }) => (pointer === '' ? `it ${message}` : `${pointer} ${message}`));
  throw new OcirunError('E_CONFIG_SCHEMA', `check config.json: ${reasons.join('; ')}`, {
    path: 'config.json',
    pointer: first.pointer,
  });
}
