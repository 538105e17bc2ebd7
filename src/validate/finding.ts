import type { Code } from '../errors/catalogue.ts';
import type { NamespaceType } from '../spec/types.ts';

/** What is known of a finding besides its message: a part of what an OcirunError can have. */
export interface Told {
  /** The value to blame (RFC 6901). */
  readonly pointer: string;
  /** What stands there, and what should. */
  readonly found?: string;
  readonly expected?: string;
  /** What the user may do about it. */
  readonly hint?: string;
  /** The name of the check that found it: `validate` adds it. */
  readonly rule?: string;
}

/** A reason to refuse a document: what an OcirunError is made of. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly details: Told;
}

/** Something in a document that will not do what it says, without harm. It has the form of a refusal: --strict makes it one. */
export type Warning = Refusal;

/** A refusal or a warning, where both are in one list. */
export interface Finding extends Refusal {
  readonly severity: 'error' | 'warning';
}

/** What a check may tell of a finding. */
export type More = Omit<Told, 'pointer' | 'rule'>;

const finding = (code: Code, pointer: string, message: string, more?: More): Refusal => ({
  code,
  message,
  details: { pointer, ...more },
});

/** A value breaks a rule of the specification. */
export const broken = (pointer: string, message: string, more?: More): Refusal =>
  finding('E_CONFIG_RULE', pointer, message, more);

/** What paths have to be. */
export const absolutely: More = { expected: 'an absolute path' };

/** What to do where a namespace is missing. */
export const adding = (type: NamespaceType): More => ({ hint: `add {"type": "${type}"} to linux.namespaces` });

/** A value asks for what this version cannot do. */
export const notSupported = (pointer: string, message: string): Refusal =>
  finding('E_NOT_SUPPORTED_YET', pointer, message);

/** A value does nothing. */
export const noEffect = (pointer: string, message: string, more?: More): Warning =>
  finding('E_CONFIG_NO_EFFECT', pointer, message, more);
