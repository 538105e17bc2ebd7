/** The validators that tools/schema.mjs makes. */
declare module '*/build/schema/config-fast.js' {
  const isDocument: (document: unknown) => document is import('./types.ts').Spec;
  export default isDocument;
  export const sawRounded: () => boolean;
}

declare module '*/build/schema/config-all.js' {
  interface SchemaFault {
    readonly instancePath: string;
    readonly keyword: string;
    readonly params: Readonly<Record<string, unknown>>;
  }
  const validate: { (document: unknown): boolean; readonly errors?: readonly SchemaFault[] | null };
  export default validate;
}
