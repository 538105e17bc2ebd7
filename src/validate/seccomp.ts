import type { Seccomp, SeccompAction, Spec } from '../spec/types.ts';
import { type Refusal, type Warning, broken, noEffect } from './finding.ts';

const root = '/linux/seccomp';

/** An action of a profile, and the errno that goes with it. */
interface Answer {
  readonly action: SeccompAction;
  readonly errno: number | undefined;
  readonly pointer: string;
}

/** All actions of a profile with their errnos. */
const answersOf = ({ defaultAction, defaultErrnoRet, syscalls = [] }: Seccomp): Answer[] => [
  { action: defaultAction, errno: defaultErrnoRet, pointer: `${root}/defaultErrnoRet` },
  ...syscalls.map(({ action, errnoRet }, index) => ({
    action,
    errno: errnoRet,
    pointer: `${root}/syscalls/${index}/errnoRet`,
  })),
];

/** The greatest value that each action hands on: MAX_ERRNO of the kernel, SECCOMP_RET_DATA. */
const greatest: Partial<Record<SeccompAction, number>> = { SCMP_ACT_ERRNO: 4095, SCMP_ACT_TRACE: 65535 };

/** "When the action doesn't support an errno, the runtime MUST print and error and fail" (config-linux.md "Seccomp"). */
export const errnoIsOfTheAction = ({ linux }: Spec): Refusal[] =>
  (linux?.seccomp ? answersOf(linux.seccomp) : []).flatMap(({ action, errno, pointer }) => {
    const most = greatest[action];
    if (errno === undefined || (most !== undefined && errno <= most)) return [];
    if (most !== undefined)
      return [broken(pointer, `${action} cannot return errno ${errno}`, { expected: `0 to ${most}` })];
    return [
      broken(pointer, `${action} cannot return an errno`, { hint: 'only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have one' }),
    ];
  });

/** A system call has six arguments. */
const argumentCount = 6;

/** A system call has six arguments (seccomp(2), struct seccomp_data). */
export const argumentsExist = ({ linux }: Spec): Refusal[] =>
  (linux?.seccomp?.syscalls ?? []).flatMap(({ args = [] }, at) =>
    args.flatMap(({ index }, which) =>
      index < argumentCount
        ? []
        : [
            broken(`${root}/syscalls/${at}/args/${which}/index`, `a system call has no argument ${index}`, {
              expected: `0 to ${argumentCount - 1}`,
            }),
          ],
    ),
  );

/** Whoever answers could not be told of the first one: the container would wait for ever (the texts are runc's). */
export function notifyCannotBlockTheRuntime({ linux }: Spec): Refusal[] {
  const { defaultAction, syscalls = [] } = linux?.seccomp ?? {};
  const notify = 'SCMP_ACT_NOTIFY cannot be used';
  return [
    ...(defaultAction === 'SCMP_ACT_NOTIFY'
      ? [broken(`${root}/defaultAction`, `${notify} as default action`, { expected: 'an action that asks nobody' })]
      : []),
    ...syscalls.flatMap(({ action, names }, index) =>
      action === 'SCMP_ACT_NOTIFY' && names.includes('write')
        ? [
            broken(`${root}/syscalls/${index}/names/${names.indexOf('write')}`, `${notify} for the write syscall`, {
              expected: 'any other system call',
            }),
          ]
        : [],
    ),
  ];
}

const notifies = ({ syscalls = [] }: Seccomp): number =>
  syscalls.findIndex(({ action }) => action === 'SCMP_ACT_NOTIFY');

/** There is somebody to ask. */
export function notifyHasAListener({ linux }: Spec): Refusal[] {
  const seccomp = linux?.seccomp;
  if (!seccomp || seccomp.listenerPath) return [];
  const index = notifies(seccomp);
  return index < 0
    ? []
    : [
        broken(`${root}/syscalls/${index}/action`, 'SCMP_ACT_NOTIFY needs a listenerPath', {
          expected: 'an action that asks nobody, or a listenerPath',
          hint: 'give linux.seccomp.listenerPath, the socket of the seccomp agent',
        }),
      ];
}

/** "This field MUST NOT be set if `listenerPath` is not set" (config-linux.md "Seccomp"). */
export function metadataHasAListener({ linux }: Spec): Refusal[] {
  const { listenerPath, listenerMetadata } = linux?.seccomp ?? {};
  return listenerMetadata && !listenerPath
    ? [
        broken(`${root}/listenerMetadata`, 'seccomp listenerMetadata is given without listenerPath', {
          hint: 'give linux.seccomp.listenerPath, too, or take listenerMetadata away',
        }),
      ]
    : [];
}

/** seccomp(2) takes the flag together with a listener alone. */
export function waitKillableNeedsNotify({ linux }: Spec): Warning[] {
  const seccomp = linux?.seccomp;
  const index = seccomp?.flags?.indexOf('SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV') ?? -1;
  if (!seccomp || index < 0 || notifies(seccomp) >= 0) return [];
  return [
    noEffect(`${root}/flags/${index}`, 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV has no effect without SCMP_ACT_NOTIFY'),
  ];
}

/** Nobody is asked, so nobody gets a listener. */
export function listenerNeedsNotify({ linux }: Spec): Warning[] {
  const seccomp = linux?.seccomp;
  if (!seccomp?.listenerPath || notifies(seccomp) >= 0) return [];
  return [noEffect(`${root}/listenerPath`, 'listenerPath has no effect without SCMP_ACT_NOTIFY')];
}

/** `valueTwo` is what the masked argument is compared with. */
export const secondValueNeedsAMask = ({ linux }: Spec): Warning[] =>
  (linux?.seccomp?.syscalls ?? []).flatMap(({ args = [] }, at) =>
    args.flatMap(({ op, valueTwo = 0 }, which) =>
      op === 'SCMP_CMP_MASKED_EQ' || valueTwo === 0
        ? []
        : [noEffect(`${root}/syscalls/${at}/args/${which}/valueTwo`, `valueTwo has no effect with ${op}`)],
    ),
  );
