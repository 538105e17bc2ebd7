// Made from spec-schemas/state.json by tools/schema.mjs: edit the schema and run it with --write.

/**
 * What a runtime tells of a container: `state` prints it, and hooks get it on their standard input (runtime.md
 * "State"). A runtime may add properties: ocirun and runc add rootfs, created and owner.
 */
export interface State {
  /** Version of the runtime-spec that this document is written for. */
  readonly ociVersion: string;
  /** Id of the container, unique on the host among containers of one runtime and root directory. */
  readonly id: string;
  /**
   * Where in its life the container is (runtime.md "State"). creating: create is at work; created: everything is made,
   * its program has not run; running: it runs; stopped: it has ended, and what was made for it is still there. Runtimes
   * may have more of them, such as paused; the schema does not know these.
   */
  readonly status: 'creating' | 'created' | 'running' | 'stopped';
  /**
   * Process id of the container's first process as the host sees it; there while it is created or running, on Linux.
   * runc and ocirun print 0 once it has stopped.
   */
  readonly pid?: number;
  /** Absolute path of the bundle on the host. */
  readonly bundle: string;
  /** The annotations of config.json. Absent: it has none. */
  readonly annotations?: Readonly<Record<string, string>>;
}
