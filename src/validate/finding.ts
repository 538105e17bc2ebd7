import type { Code } from '../errors/catalogue.ts';

/** A reason to refuse a document: what an OcirunError is made of. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly details: { readonly pointer: string };
}

/** Something in a document that will not do what it says, without harm. */
export interface Warning {
  readonly message: string;
  readonly pointer: string;
}

/** A value breaks a rule of the specification. */
export const broken = (pointer: string, message: string): Refusal => ({
  code: 'E_CONFIG_RULE',
  message,
  details: { pointer },
});

/** A value asks for what this version cannot do. */
export const notSupported = (pointer: string, message: string): Refusal => ({
  code: 'E_NOT_SUPPORTED_YET',
  message,
  details: { pointer },
});
