import type { Code } from '../errors/catalogue.ts';
import type { Finding, Told } from '../validate/finding.ts';
import type { Verdict } from '../validate/index.ts';
import { withLimitsKept } from './exact.ts';
import { expectedOf } from './expected.ts';
import { unknownKeys } from './keys.ts';
import { type Place, nodeAt, placesIn } from './locate.ts';
import { isMended, mended, variantsFor } from './mend.ts';
import { namesIn } from './pointer.ts';
import { type Scanned, scan } from './scan.ts';
import { scannedIntegers } from './scanned-integers.ts';
import { type SchemaFault, schemaFaults } from './schema-all.ts';
import { placesOf, schemaAt } from './schema-tree.ts';
import { shown } from './shown.ts';
import { nearest } from './suggest.ts';
import type { Spec } from './types.ts';

/** A finding, and where it is. */
export interface PlacedFinding extends Finding {
  readonly place: Place;
}

/** What is known of documents besides their schema. */
export interface Knowledge {
  /** Check a document that fits the schema against every rule. */
  readonly check: (spec: Spec, text: string) => Verdict;
  /** The words that may stand where a pointer points, where the schema does not say so. */
  readonly words: (pointer: string) => readonly string[];
}

/** A finding, and the offset of what it blames. */
interface Found extends Finding {
  readonly offset: number;
  /** What takes long to find out: there may be a million of them, and few are printed. */
  readonly more?: () => Omit<Told, 'pointer'>;
}

/** Everything that can be said against a document. There may be a million: each is completed as it is asked for. */
export interface Judgement {
  /** What does not fit the schema, what breaks a rule, in the order of the rules, and what is ignored. */
  readonly found: readonly Finding[];
  /** The same in the order of the text. */
  inOrder(): Finding[];
  /** One of them with its place, what stands there, what should, and what was probably meant. */
  complete(finding: Finding): PlacedFinding;
}

/** A document that is JSON. */
interface Document extends Scanned {
  readonly text: string;
  readonly knowledge: Knowledge;
  readonly placed: (offset: number) => Place;
}

/** Everything that can be said against the text of a config.json. */
export function judge(text: string, knowledge: Knowledge): Judgement {
  const placed = placesIn(text);
  const scanned = scan(text);
  if ('fault' in scanned) return notJson(placed(scanned.fault.offset), `not JSON: ${scanned.fault.message}`);
  const document = { ...scanned, text, knowledge, placed };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own parser runs out of stack sooner than ours.
    return notJson({ line: 1, column: 1 }, 'the document is nested too deep');
  }
  const found = [judged(document, value), unknown(document), duplicates(document)].flat();
  const known = new Map<Finding, Found>(found.map((each) => [each, each]));
  return {
    found,
    inOrder: () => found.slice().sort(byOffset),
    complete: (each) => completed(document, known.get(each) ?? { ...each, offset: 0 }),
  };
}

const byOffset = (one: Found, other: Found): number => one.offset - other.offset;

function notJson(place: Place, message: string): Judgement {
  const fault = finding('error', 'E_CONFIG_JSON', { pointer: '' }, message);
  return { found: [fault], inOrder: () => [fault], complete: () => ({ ...fault, place }) };
}

const finding = (severity: Finding['severity'], code: Code, details: Told, message: string): Finding => ({
  severity,
  code,
  message,
  details,
});

const atValue = ({ root }: Document, each: Finding): Found => ({
  ...each,
  offset: nodeAt(root, each.details.pointer).node.start,
});

/** What schema and rules say. */
function judged(document: Document, value: unknown): Found[] {
  const exact = scannedIntegers(document.text, document.root);
  const faults = withLimitsKept(value, exact, () => schemaFaults(value));
  const wrong = faults.map((fault) => atValue(document, schemaFinding(document, fault)));
  const against = broken(document, faults).map((each) => atValue(document, each));
  return [wrong.sort(byOffset), against].flat();
}

function schemaFinding({ text, root }: Document, { pointer, isMissing, message }: SchemaFault): Finding {
  const reason = isMissing ? message : `${message}, not ${shown(text, nodeAt(root, pointer).node)}`;
  const subject = pointer === '' ? 'the document ' : '';
  return finding('error', 'E_CONFIG_SCHEMA', { pointer }, subject + reason);
}

/** What breaks a rule, whatever should stand where the document does not fit the schema. */
function broken({ text, knowledge }: Document, faults: readonly SchemaFault[]): Finding[] {
  const saidOf = (variant: number): Finding[] => told(knowledge.check(mended(text, faults, variant) as Spec, text));
  if (faults.length === 0) return saidOf(0);
  const [first = 0, ...others] = variantsFor(text, faults);
  const places = new Set(faults.map(({ pointer }) => pointer));
  let certain = saidOf(first).filter(({ details }) => !isMended(details.pointer, places));
  for (const variant of others) {
    if (certain.length === 0) break;
    const again = new Set(saidOf(variant).map(identity));
    certain = certain.filter((each) => again.has(identity(each)));
  }
  return certain;
}

const identity = ({ message, details: { pointer, rule } }: Finding): string => JSON.stringify([pointer, rule, message]);

const told = ({ errors, warnings }: Verdict): Finding[] => [
  ...errors.map((error): Finding => ({ severity: 'error', ...error })),
  ...warnings.map((warning): Finding => ({ severity: 'warning', ...warning })),
];

/** The finding with its place and with what it does not say itself. */
function completed({ text, root, knowledge, placed }: Document, each: Found): PlacedFinding {
  const { pointer } = each.details;
  const { node, found } = nodeAt(root, pointer);
  const schema = schemaAt(pointer);
  const word =
    found && text.startsWith('"', node.start) ? (JSON.parse(text.slice(node.start, node.end)) as string) : '';
  const known = [...(schema?.enum ?? []), ...knowledge.words(pointer)];
  const meant = word === '' || known.includes(word) ? undefined : nearest(word, known);
  // What a machine cannot do is not the document's fault: it stands there as it should.
  const isOfTheMachine = each.code === 'E_HOST';
  const details = {
    ...(isOfTheMachine && pointer === '' ? {} : { found: found ? shown(text, node) : 'nothing' }),
    ...(schema && !isOfTheMachine ? { expected: expectedOf(schema) } : {}),
    ...(meant === undefined ? {} : { hint: didYouMean(meant) }),
    ...each.more?.(),
    ...each.details,
  };
  return { severity: each.severity, code: each.code, message: each.message, details, place: placed(each.offset) };
}

const didYouMean = (word: string): string => `did you mean ${JSON.stringify(word)}?`;

function unknown({ root }: Document): Found[] {
  return unknownKeys(root).map(({ pointer, name, key, candidates }) => {
    const message = `the specification knows no property ${JSON.stringify(name)} here: it is ignored`;
    const more = (): Omit<Told, 'pointer'> => insteadOf(name, candidates());
    return { ...finding('warning', 'E_CONFIG_UNKNOWN_KEY', { pointer }, message), offset: key, more };
  });
}

/** What there might be in the place of an unknown property. */
function insteadOf(name: string, candidates: readonly string[]): Omit<Told, 'pointer'> {
  const hint = hintFor(name, candidates);
  return {
    found: JSON.stringify(name),
    expected: `one of ${candidates.map((each) => JSON.stringify(each)).join(', ')}`,
    ...(hint ? { hint } : {}),
  };
}

/** More places say nothing. */
const fewPlaces = 3;

function hintFor(name: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(name, candidates);
  if (meant !== undefined) return didYouMean(meant);
  const elsewhere = placesOf(name);
  return elsewhere.length > 0 && elsewhere.length <= fewPlaces ? `it belongs to ${elsewhere.join(' or ')}` : undefined;
}

function duplicates({ duplicates: twice, placed }: Document): Found[] {
  return twice.map(({ pointer, key, before }) => {
    const name = JSON.stringify(namesIn(pointer).at(-1));
    const message = `${name} stands here again, after line ${placed(before).line}: the last one counts`;
    const details = { pointer, expected: 'every name once' };
    return { ...finding('warning', 'E_CONFIG_DUPLICATE_KEY', details, message), offset: key };
  });
}
