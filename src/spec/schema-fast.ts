import isDocument from '../../build/schema/config-fast.js';
import type { Spec } from './types.ts';

/**
 * Whether the document surely fits the schema. False means "not sure": rare values and other platforms' parts are
 * left to `schemaErrors` (tools/schema.mjs, `fastSchema`).
 */
export const surelySpec: (document: unknown) => document is Spec = isDocument;
