import { type Details, OcirunError } from '../errors/error.ts';
import { reason, type SystemError } from '../sys/failure.ts';
import { errorOf, explainMount } from './explain-mount.ts';
import { whereItEnds } from './mount-path.ts';
import { findIdmapCause, findSourceCause } from './explain-source.ts';
import { mountHost } from './look-mount.ts';
import type { Look } from './facts.ts';
import type { Finding, MountFailure } from './mount-failure.ts';

/** The error of a step that mounts, by what init tells and the host shows. */
export const stepError = (failure: MountFailure, action: string, details: Details): OcirunError =>
  explainMount(failure, mountHost(), action, details);

/** What the runtime was doing with a path of the host when the kernel refused it. */
export interface SourceFailure {
  readonly action: string;
  readonly path: string;
  readonly pointer: string;
  readonly error: SystemError;
}

/** The error of a source that the runtime could not open. */
export const sourceError = (failure: SourceFailure): OcirunError =>
  told(failure, findSourceCause(failure.path, refusal(failure), mountHost()));

/** The error of a source whose ids could not be mapped. */
export const idmapError = (failure: SourceFailure): OcirunError =>
  told(failure, findIdmapCause(failure.path, refusal(failure), mountHost()));

/** The error of a root filesystem that cannot be looked at: config.json names none that is there. */
export function rootfsError(failure: SourceFailure): OcirunError {
  const host = mountHost();
  const cause =
    refusal(failure).errnoName === 'EACCES'
      ? findSourceCause(failure.path, refusal(failure), host)
      : whereItEnds(host.look(failure.path), failure.path);
  const { finding } = cause ?? {};
  // A rule that is broken, whatever element breaks it.
  const code = cause?.code === 'E_MOUNT_TRAVERSE' ? cause.code : 'E_CONFIG_RULE';
  return told(failure, { ...cause, code, finding: finding ?? '' });
}

const refusal = ({ error }: SourceFailure) => ({ errnoName: error.code, why: reason(error) });

function told(failure: SourceFailure, cause: Finding | undefined): OcirunError {
  const { action, path, pointer, error } = failure;
  const details = { pointer, path, errno: error.errno, errnoName: error.code, syscall: error.syscall, cause: error };
  if (cause) return errorOf(cause, action, reason(error), details);
  return new OcirunError('E_MOUNT_SOURCE', `${action}: ${reason(error)}`, details);
}

/** Where a path of the host leads. */
export const lookOnHost = (path: string): Look => mountHost().look(path);
