// What yargs' browser build wants of a console: it names `console.log` when it is loaded, and calls it for output that
// no callback takes.
export const console = {
  log: (...parts) => globalThis.ocirunNative.write(1, `${parts.join(' ')}\n`),
  error: (...parts) => globalThis.ocirunNative.write(2, `${parts.join(' ')}\n`),
};
