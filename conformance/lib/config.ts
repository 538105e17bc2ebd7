/** As much of a config.json as the tests edit. */
export interface Config {
  ociVersion: string;
  process: {
    terminal: boolean;
    user: { uid: number; gid: number; umask?: number; additionalGids?: number[] };
    args: string[];
    env: string[];
    cwd: string;
    capabilities: Record<string, string[]>;
    rlimits?: { type: string; soft: number; hard: number }[];
    noNewPrivileges?: boolean;
    [field: string]: unknown;
  };
  root: { path: string; readonly?: boolean };
  hostname?: string;
  mounts: { destination: string; type?: string; source?: string; options?: string[] }[];
  annotations?: Record<string, string>;
  linux: {
    namespaces: { type: string; path?: string }[];
    maskedPaths?: string[];
    readonlyPaths?: string[];
    cgroupsPath?: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** A change to the default config. */
export type Edit = (config: Config) => void;

/** The process runs the probe with these arguments. */
export const probing =
  (...args: string[]): Edit =>
  (config) => {
    config.process.args = ['/probe', ...args];
  };
