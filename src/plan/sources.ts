import { slots } from './steps.ts';

/** Something that the runtime has to open before init gets its plan; `pointer`: what of config.json asks for it. */
export type Source = { readonly pointer: string } & (
  { readonly kind: 'fifo' | 'cgroup' } | TreeSource | NamespaceSource
);

/** A source and the descriptor slot that it goes to. */
export type SlotSource = { readonly slot: number } & Source;

/** A detached copy of what is mounted at `path`, made by the runtime in its own mount namespace. */
export interface TreeSource {
  readonly kind: 'tree';
  readonly path: string;
  /** With everything that is mounted below it (`rbind`). */
  readonly recursive: boolean;
  /** It goes to /proc: it has to be the root of a procfs (CVE-2019-16884). */
  readonly mustBeProc?: boolean;
  readonly idmap?: IdmapSource;
}

/** The ids that a tree gets (`recursive`: what is mounted below it, too). */
export type IdmapSource = { readonly recursive: boolean } & (
  | {
      /** Maps in the format of uid_map (user_namespaces(7)). */
      readonly uid: string;
      readonly gid: string;
    }
  | {
      /** The file of a user namespace, whose maps are taken. */
      readonly path: string;
    }
);

/** The namespace of the type `type` (CLONE_NEW*) that the file `path` stands for. */
export interface NamespaceSource {
  readonly kind: 'namespace';
  readonly path: string;
  readonly type: number;
  /** It may not be the runtime's own: something would be set in it (net.* sysctls), or its root changed. */
  readonly mustBeForeign?: boolean;
}

/** What a plan names for the runtime to open, in the order of its slots. */
export class Sources {
  readonly list: SlotSource[] = [];

  /** Takes the next slot for it. */
  add(source: Source): number {
    const slot = slots.first + this.list.length;
    this.list.push({ slot, ...source });
    return slot;
  }
}
