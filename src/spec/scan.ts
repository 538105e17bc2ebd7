import { depthLimit, longText } from './depth.ts';
import { escapeName } from './pointer.ts';

/** A value of a JSON text, and where it stands. */
export interface JsonNode {
  /** The first and the one after the last character. */
  readonly start: number;
  end: number;
  /** The first character of its name, where it is the member of an object. */
  readonly key?: number;
  /** The members of an object or the items of an array, by name or number; of several of one name the last. */
  readonly children?: Map<string, JsonNode>;
}

/** A member whose name the same object has had before; it takes the place of that one. */
export interface Duplicate {
  /** Of the member. */
  readonly pointer: string;
  /** Where its name stands, and where that stood before. */
  readonly key: number;
  readonly before: number;
}

/** A JSON text: where everything stands. */
export interface Scanned {
  readonly root: JsonNode;
  readonly duplicates: readonly Duplicate[];
}

/** Why a text is not JSON. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

const token = /[ \t\n\r]*(?:([{}[\],:])|(")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** A piece of a string: pieces, for an engine's regular expressions run out of stack in a text of megabytes. */
const piece = /[^"\\\x00-\x1f]{1,4096}|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The offset in a string, whose first quotation mark is before `offset`, of what is no part of it: its end, if it is one. */
function endOfString(text: string, offset: number): number {
  piece.lastIndex = offset;
  let end = offset;
  while (piece.test(text)) end = piece.lastIndex;
  return end;
}

/** What may come next. */
type Expect = 'value' | 'firstItem' | 'firstKey' | 'key' | 'colon' | 'comma' | 'end';

interface Container {
  readonly node: JsonNode;
  readonly array: boolean;
  /** Its name or number in what holds it; '' for the document. */
  readonly name: string;
}

interface Scanner {
  readonly text: string;
  expect: Expect;
  readonly open: Container[];
  /** The name of the member that comes next, and where it stands. */
  key: string;
  keyStart: number;
  root: JsonNode | undefined;
  readonly duplicates: Duplicate[];
}

/** Whether the text is JSON, and if so where everything stands. Not recursive: the text may be nested at will. */
export function scan(text: string): Scanned | { readonly fault: SyntaxFault } {
  const scanner: Scanner = {
    text,
    expect: 'value',
    open: [],
    key: '',
    keyStart: 0,
    root: undefined,
    duplicates: [],
  };
  let offset = 0;
  for (;;) {
    token.lastIndex = offset;
    const match = token.exec(text);
    if (!match) return finish(scanner, afterSpace(text, offset));
    const [, mark, quote, other] = match;
    const start = token.lastIndex - (mark ?? quote ?? other ?? '').length;
    offset = quote ? endOfString(text, token.lastIndex) + 1 : token.lastIndex;
    if (quote && text.charAt(offset - 1) !== '"') return finish(scanner, start);
    const message = accept(scanner, mark, quote !== undefined, start, offset);
    if (message !== undefined) return { fault: { offset: start, message } };
  }
}

function afterSpace(text: string, offset: number): number {
  let result = offset;
  while (result < text.length && ' \t\n\r'.includes(text.charAt(result))) result++;
  return result;
}

/** No further token: the end, or something that is none. */
function finish(scanner: Scanner, offset: number): Scanned | { readonly fault: SyntaxFault } {
  const { text, root, expect, duplicates } = scanner;
  if (offset === text.length && expect === 'end' && root) return { root, duplicates };
  return { fault: { offset, message: offset === text.length ? endMessage(scanner) : strangeMessage(scanner, offset) } };
}

/** Take one token; a message where it does not fit. */
function accept(
  scanner: Scanner,
  mark: string | undefined,
  isString: boolean,
  start: number,
  end: number,
): string | undefined {
  const { expect, open } = scanner;
  if (expect === 'end') return 'there is something after the end of the document';
  if (expect === 'colon' || expect === 'comma')
    return punctuation(scanner, mark, end) && (numberMessage(scanner.text, start) ?? `expected ${wanted(scanner)}`);
  if (mark === '}' || mark === ']') return closeEmpty(scanner, mark, end);
  if (expect === 'key' || expect === 'firstKey') {
    if (!isString) return `expected ${wanted(scanner)}`;
    scanner.key = JSON.parse(scanner.text.slice(start, end)) as string;
    scanner.keyStart = start;
    scanner.expect = 'colon';
    return undefined;
  }
  if (mark === ',' || mark === ':') return `expected ${wanted(scanner)}`;
  if (mark !== undefined && open.length >= depthLimit && scanner.text.length >= longText)
    return `nested deeper than ${depthLimit} levels`;
  add(scanner, mark, start, end);
  return undefined;
}

/** Add a value to what is open; an object or array becomes open itself. */
function add(scanner: Scanner, mark: string | undefined, start: number, end: number): void {
  const { open } = scanner;
  const parent = open.at(-1);
  const node: JsonNode = {
    start,
    end,
    ...(parent && !parent.array ? { key: scanner.keyStart } : {}),
    ...(mark === undefined ? {} : { children: new Map() }),
  };
  const name = parent ? join(scanner, parent, node) : '';
  if (!parent) scanner.root = node;
  if (mark !== undefined) open.push({ node, array: mark === '[', name });
  scanner.expect = mark === '{' ? 'firstKey' : mark === '[' ? 'firstItem' : afterValue(scanner);
}

/** Give a value to what holds it; the name or number that it has there. */
function join(scanner: Scanner, parent: Container, node: JsonNode): string {
  const siblings = parent.node.children;
  const name = parent.array ? String(siblings?.size) : scanner.key;
  const before = siblings?.get(name)?.key;
  if (before !== undefined) {
    const names = [...scanner.open.slice(1).map((container) => container.name), name];
    const pointer = names.map((each) => `/${escapeName(each)}`).join('');
    scanner.duplicates.push({ pointer, key: scanner.keyStart, before });
  }
  siblings?.set(name, node);
  return name;
}

const afterValue = ({ open }: Scanner): Expect => (open.length > 0 ? 'comma' : 'end');

function punctuation(scanner: Scanner, mark: string | undefined, end: number): string | undefined {
  const array = scanner.open.at(-1)?.array ?? false;
  if (scanner.expect === 'colon' && mark === ':') scanner.expect = 'value';
  else if (scanner.expect === 'comma' && mark === ',') scanner.expect = array ? 'value' : 'key';
  else if (scanner.expect === 'comma' && mark === (array ? ']' : '}')) close(scanner, end);
  else return `expected ${wanted(scanner)}`;
  return undefined;
}

function closeEmpty(scanner: Scanner, mark: string, end: number): string | undefined {
  const { expect } = scanner;
  if ((expect === 'firstItem' && mark === ']') || (expect === 'firstKey' && mark === '}')) {
    close(scanner, end);
    return undefined;
  }
  const array = scanner.open.at(-1)?.array ?? false;
  const afterComma = array ? expect === 'value' && mark === ']' : expect === 'key' && mark === '}';
  return `expected ${wanted(scanner)}${afterComma ? ': JSON has no comma after the last one' : ''}`;
}

function close(scanner: Scanner, end: number): void {
  const closed = scanner.open.pop();
  if (closed) closed.node.end = end;
  scanner.expect = afterValue(scanner);
}

function wanted({ expect, open }: Scanner): string {
  const array = open.at(-1)?.array ?? false;
  const words: Record<Expect, string> = {
    value: 'a value',
    firstItem: "a value or ']'",
    firstKey: "a property name in double quotes or '}'",
    key: 'a property name in double quotes',
    colon: "':' after the property name",
    comma: array ? "',' or ']'" : "',' or '}'",
    end: 'the end of the file',
  };
  return words[expect];
}

function endMessage(scanner: Scanner): string {
  const last = scanner.open.at(-1);
  if (!last) return 'the file ends before there is a value';
  const line = scanner.text.slice(0, last.node.start).split('\n').length;
  return `the file ends inside the ${last.array ? 'array' : 'object'} that begins in line ${line}; was it cut off?`;
}

function strangeMessage(scanner: Scanner, offset: number): string {
  const rest = scanner.text.slice(offset, offset + 2);
  if (offset === 0 && rest.startsWith('\ufeff')) return 'the file begins with a byte order mark (U+FEFF)';
  if (rest.startsWith('\0')) return nulMessage(scanner.text);
  if (rest === '//' || rest === '/*') return 'JSON has no comments';
  if (rest.startsWith('"')) return stringMessage(scanner.text, offset);
  if (rest.startsWith("'")) return 'JSON has strings in double quotes only';
  const number = numberMessage(scanner.text, offset);
  if (number !== undefined) return number;
  const [word] = /^[A-Za-z_]\w*/.exec(scanner.text.slice(offset, offset + 40)) ?? [];
  const isValue = word !== undefined && ['value', 'firstItem'].includes(scanner.expect);
  return `expected ${wanted(scanner)}${isValue ? `, not ${word}: JSON has the words true, false and null, and strings in double quotes` : ''}`;
}

/** What stands right behind a zero: more digits, or another base. */
const numberMessage = (text: string, offset: number): string | undefined =>
  /^[^.\w]0[\dA-Za-z]/.test(text.slice(offset - 2, offset + 1))
    ? 'JSON has numbers in decimal, without leading zeros'
    : undefined;

/** Every other byte of an ASCII text in UTF-16 is NUL. */
const nulMessage = (text: string): string =>
  /^(?:\0[^\0]\0[^\0]|[^\0]\0[^\0]\0)/.test(text)
    ? 'the file is UTF-16, and has to be UTF-8'
    : 'the file has a NUL byte (0)';

/** Why the string that begins at the offset is none. */
function stringMessage(text: string, offset: number): string {
  const end = endOfString(text, offset + 1);
  const next = text.charAt(end);
  if (next === '') return 'the file ends inside a string; was it cut off?';
  if (next === '\\') return `the string has an escape that JSON does not know: ${text.slice(end, end + 2)}`;
  if (next === '\n' || next === '\r') return 'the string does not end in its line';
  return `the string has a control character (${next.charCodeAt(0)}) that must be escaped`;
}
