import isDocument, { sawRounded } from '../../build/schema/config-fast.js';

/** What the fast validator finds out about a document. */
export interface Impression {
  /**
   * Whether the document surely fits the schema. False means "not sure": rare values and other platforms' parts are
   * left to `schemaFaults` (tools/schema.mjs, `fastSchema`).
   */
  readonly sure: boolean;
  /** Whether a field has an integer that a JavaScript number cannot hold. */
  readonly rounded: boolean;
}

export function lookAt(document: unknown): Impression {
  const sure = isDocument(document);
  return { sure, rounded: sawRounded() };
}
