/** The ids of a user namespace or an idmapped mount. */
export interface IdMap {
  containerID: number;
  hostID: number;
  size: number;
}

/** An entry of `mounts`. */
export interface MountConfig {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
  uidMappings?: IdMap[];
  gidMappings?: IdMap[];
}

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
  mounts: MountConfig[];
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

/** These mounts come after those of the default config. */
export const mounting =
  (...mounts: MountConfig[]): Edit =>
  (config) =>
    void config.mounts.push(...mounts);

/** A bind mount. */
export const binding = (source: string, destination: string, ...options: string[]): Edit =>
  mounting({ destination, type: 'none', source, options: ['rbind', ...options] });

/** Join, instead of a new namespace of this type, the one of `path`; without a path, or where there was none, a new one. */
export const namespace =
  (type: string, path?: string): Edit =>
  (config) => {
    const others = config.linux.namespaces.filter((n) => n.type !== type);
    config.linux.namespaces = [...others, path === undefined ? { type } : { type, path }];
  };

/** A new user namespace with these maps; those of the groups are the users', unless they are others. */
export const userNamespace =
  (uids: IdMap[] = [{ containerID: 0, hostID: 100000, size: 65536 }], gids: IdMap[] = uids): Edit =>
  (config) => {
    namespace('user')(config);
    Object.assign(config.linux, { uidMappings: uids, gidMappings: gids });
  };

/** The default config's root is read-only. */
export const writableRoot: Edit = (config) => void (config.root.readonly = false);
