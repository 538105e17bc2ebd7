/** What tools/schema.mjs makes of spec-schemas/config.json. */
declare module '*/build/schema/config-fast.js' {
  const isDocument: (document: unknown) => document is import('./types.ts').Spec;
  export default isDocument;
  export const sawRounded: () => boolean;
}

declare module '*/build/schema/config-all.js' {
  interface AjvError {
    readonly instancePath: string;
    readonly keyword: string;
    readonly params: Readonly<Record<string, unknown>>;
  }
  const validate: { (document: unknown): boolean; readonly errors?: readonly AjvError[] | null };
  export default validate;
}

declare module '*/build/schema/config-told.js' {
  const schema: unknown;
  export default schema;
}
