/** What tools/schema.mjs makes of spec-schemas/config.json. */
declare module '*/build/schema/config-fast.js' {
  const isDocument: (document: unknown) => document is import('./types.ts').Spec;
  export default isDocument;
  export const sawRounded: () => boolean;
}

declare module '*/build/schema/config-told.js' {
  const schema: unknown;
  export default schema;
}
