import type { Code } from '../errors/catalogue.ts';
import type { Step } from '../plan/steps.ts';
import type { Facts, File, Look } from './facts.ts';

/** What is known of a mount that could not be made, but for what the host tells. */
export interface MountFailure {
  /** Of a step that does the same to many paths, the one that failed alone. */
  readonly step: Step;
  /** The name of the error, and the kernel's words for it. */
  readonly errnoName: string;
  readonly why: string;
  readonly facts: Facts;
  /** CLONE_NEW* of the container's own namespaces, new and joined. */
  readonly namespaces: number;
  /** The text of uid_map and gid_map of a new user namespace. */
  readonly maps?: { readonly uid: string; readonly gid: string };
  /** The path of a bind mount's source, and whether it comes with what is mounted below it. */
  readonly source?: { readonly path: string; readonly recursive: boolean };
}

/** What the host is asked while a failure is explained. */
export interface MountHost {
  /** Where a path leads. */
  look(path: string): Look;
  /** The directories that a path passes, from `/` on. */
  passed(path: string): File[];
  /** The mount that a path lies on. */
  mountOf(path: string): HostMount | undefined;
  /** The types of filesystems that the kernel has, as it is. */
  types(): string[];
  /** Where something is mounted below `directory`. */
  mountsBelow(directory: string): string[];
  /** The content of a file with one line. */
  line(path: string): string;
  /** Whether this process has CAP_SYS_ADMIN, and whether only in a user namespace of its own. */
  readonly administers: boolean;
  readonly nested: boolean;
  /** This process. */
  readonly self: Ids;
}

export interface HostMount {
  readonly target: string;
  readonly type: string;
  readonly unbindable: boolean;
}

/** What access to files is decided by. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** A cause that was found, for the sentence "ACTION: FINDING: WHY". */
export interface Finding {
  readonly code: Code;
  readonly finding: string;
  /** The element, device or directory to blame. */
  readonly path?: string;
  readonly hint?: string;
  readonly found?: string;
  readonly expected?: string;
}

/** Names a cause, or nothing where it is another. */
export type Rule = (failure: MountFailure, host: MountHost) => Finding | undefined;
