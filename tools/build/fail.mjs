/** End the build with one line. */
export function fail(message) {
  process.stderr.write(`build: ${message}\n`);
  process.exit(1);
}
