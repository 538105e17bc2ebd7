/** What every cgroup has that is written to (cgroup-v2.rst, "Core Interface Files"). */
export const coreFiles = [
  'cgroup.freeze',
  'cgroup.kill',
  'cgroup.procs',
  'cgroup.subtree_control',
  'cgroup.type',
] as const;

/** A file for a limit, as src/plan/cgroup names it. */
export type LimitFile = string & { readonly isLimit: true };

/**
 * What may be written to. The types are this narrow so that a new file has to be named here: each has a row in
 * conformance/vm/mutants.txt, and a test asks for that (src/cgroup/mutants.test.ts).
 */
export type ControlFile =
  `${string}/${(typeof coreFiles)[number]}` | `/proc/${number}/${'uid' | 'gid'}_map` | LimitFile;
