// GVariant's text format (GLib, "GVariant Text Format"): what runc's parser (godbus, ParseVariant) takes has the value
// here that it has there. Besides, tuples, `false`, hexadecimal numbers and `double`, which that one gets wrong; but
// nothing may be left behind a value. "Maybe" types have no form on D-Bus.
import { floating, type Form, integer, isNumberForm, pathOrSignature, unify, written } from './gvariant-forms.ts';
import { Scanner } from './gvariant-scanner.ts';
import { escapedBytes, escapedText } from './gvariant-strings.ts';
import { type Type, typeAt, typeOf } from './signature.ts';
import type { Value, Variant } from './types.ts';

/** What was read: which types it may have, and its value as one of them. */
interface Node {
  readonly form: Form;
  value(type: Type): Value;
}

const keywords: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
  handle: 'h',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
};

const deepest = 64;

class Parser extends Scanner {
  private depth = 0;

  whole(): Variant {
    const node = this.node();
    this.skipSpace();
    if (this.at < this.text.length) throw this.wrong(`${this.shown()} behind the value`);
    const type = this.settled(node.form, 0);
    return { signature: type.text, value: node.value(type) };
  }

  /** The one type that is left where nothing more is known. */
  private settled(form: Form, at: number): Type {
    const signature = written(form);
    if (signature === undefined)
      throw this.wrong('nothing tells of which type this is: write @ and its type before', at);
    try {
      return typeOf(signature);
    } catch {
      throw this.wrong(`there is no such type: ${signature}`, at);
    }
  }

  private node(): Node {
    this.skipSpace();
    const begin = this.at;
    const type = this.annotation();
    if (type) this.skipSpace();
    if (type && this.annotation()) throw this.wrong('there is a type already', begin);
    const node = this.plain();
    const form = type ? unify(node.form, type) : node.form;
    if (!form) throw this.wrong(`${this.text.slice(begin, this.at)} is no value of that type`, begin);
    return { form, value: (as) => node.value(as) };
  }

  /** `@as`, `uint64`. */
  private annotation(): Form | undefined {
    const word = this.match(/[a-z]+[0-9]*(?!\w)/y) ?? '';
    const code = Object.hasOwn(keywords, word) ? keywords[word] : undefined;
    if (code) this.at += word.length;
    if (code || !this.takes('@')) return code ? typeOf(code) : undefined;
    const begin = this.at;
    try {
      const [type, end] = typeAt(this.text, begin);
      this.at = end;
      return type;
    } catch {
      throw this.wrong(`no type of D-Bus: ${this.shown()}`, begin);
    }
  }

  private plain(): Node {
    const begin = this.at;
    const first = this.text.charAt(begin);
    if (first === "'" || first === '"') return this.string();
    if (/b['"]/y.test(this.text.slice(begin, begin + 2))) return this.bytes();
    const number = this.match(/[-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?![\w.])/y);
    if (number !== undefined) return this.number(number);
    const word = this.match(/[a-z]+/y);
    if (word === 'true' || word === 'false') return this.boolean(word);
    if ('[{(<'.includes(first || ' ')) return this.container();
    throw this.wrong(`${this.shown()} where a value should be`);
  }

  private boolean(word: string): Node {
    this.at += word.length;
    return { form: { code: 'b', parts: [] }, value: () => word === 'true' };
  }

  private number(text: string): Node {
    const begin = this.at;
    this.at += text.length;
    const isReal = /^[^xX]*[.eE]/.test(text);
    const value = (type: Type): Value => {
      const number = type.code === 'd' ? floating(text) : integer(text, type);
      if (number === undefined) throw this.wrong(`${text} is no number of type ${type.text}`, begin);
      return number;
    };
    return { form: { code: isReal ? 'd' : isNumberForm, parts: [] }, value };
  }

  private string(): Node {
    const begin = this.at;
    const text = escapedText(this.quoted(), (why, at) => this.wrong(why, begin + 1 + at));
    const value = (type: Type): Value => {
      const why = pathOrSignature(text, type);
      if (why) throw this.wrong(why, begin);
      return text;
    };
    return { form: { code: 'S', parts: [] }, value };
  }

  private bytes(): Node {
    const begin = this.at + 2;
    this.at += 1;
    const bytes = escapedBytes(this.quoted(), (why, at) => this.wrong(why, begin + at));
    return { form: typeOf('ay'), value: () => bytes };
  }

  private container(): Node {
    if (this.depth >= deepest) throw this.wrong(`more than ${deepest} containers in each other`);
    this.depth += 1;
    try {
      if (this.takes('[')) return this.array();
      if (this.takes('{')) return this.dictionary();
      return this.takes('(') ? this.tuple() : this.variant();
    } finally {
      this.depth -= 1;
    }
  }

  /** Values with commas in between, up to the end of the list. */
  private list(end: string, one: () => void): void {
    if (this.takes(end)) return;
    do one();
    while (this.takes(','));
    this.expect(end);
  }

  private common(forms: Form, node: Node, begin: number): Form {
    const form = unify(forms, node.form);
    if (!form) throw this.wrong(`${this.text.slice(begin, this.at)} is of another type than what is before it`, begin);
    return form;
  }

  /** A value, and the form that it has in common with those before it. */
  private nextOf(nodes: Node[], forms: Form): Form {
    this.skipSpace();
    const begin = this.at;
    const node = this.node();
    nodes.push(node);
    return this.common(forms, node, begin);
  }

  private array(): Node {
    const nodes: Node[] = [];
    let element: Form = { code: '*', parts: [] };
    this.list(']', () => (element = this.nextOf(nodes, element)));
    const value = ({ parts: [type] }: Type): Value => {
      const values = nodes.map((node) => node.value(type as Type));
      return type?.code === 'y' ? Uint8Array.from(values as number[]) : values;
    };
    return { form: { code: 'a', parts: [element] }, value };
  }

  private dictionary(): Node {
    const [keys, values]: [Node[], Node[]] = [[], []];
    let [key, value]: [Form, Form] = [
      { code: '*', parts: [] },
      { code: '*', parts: [] },
    ];
    this.list('}', () => {
      key = this.nextOf(keys, key);
      this.expect(':');
      value = this.nextOf(values, value);
    });
    const form = { code: 'a', parts: [{ code: '{', parts: [key, value] }] };
    const pairs = ({ parts: [entry] }: Type): Value => {
      const [keyType, valueType] = (entry as Type).parts as [Type, Type];
      return keys.map((one, index) => [one.value(keyType), (values[index] as Node).value(valueType)]);
    };
    return { form, value: pairs };
  }

  private tuple(): Node {
    const begin = this.at - 1;
    const nodes: Node[] = [];
    while (!this.takes(')')) {
      nodes.push(this.node());
      if (!this.takes(',')) {
        this.expect(')');
        break;
      }
    }
    if (nodes.length === 0) throw this.wrong('D-Bus has no empty struct', begin);
    const value = ({ parts }: Type): Value => nodes.map((node, index) => node.value(parts[index] as Type));
    return { form: { code: '(', parts: nodes.map(({ form }) => form) }, value };
  }

  private variant(): Node {
    this.expect('<');
    const begin = this.at;
    const node = this.node();
    this.expect('>');
    const type = this.settled(node.form, begin);
    const value = { signature: type.text, value: node.value(type) };
    return { form: { code: 'v', parts: [] }, value: () => value };
  }
}

/** The value that a text in GVariant's format stands for; an error tells the place in the text. */
export const parseVariant = (text: string): Variant => new Parser(text).whole();
