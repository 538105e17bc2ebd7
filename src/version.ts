/** Filled in by the build (tools/build.mjs) from package.json. */
declare const OCIRUN_VERSION: string | undefined;

/** Our own version. */
export const version = typeof OCIRUN_VERSION === 'string' ? OCIRUN_VERSION : 'unbuilt';

/** The version of the runtime-spec that we follow. */
export const specVersion = '1.3.0';
