/**
 * The protocol between the runtime and init: records on a SOCK_SEQPACKET socket, descriptors beside them.
 *
 *      runtime                                     init
 *        │ ── ahead ──────────────────────────────▶ │  stage 1: namespaces to begin with while the plan is written
 *        │ ── slots [slot…] ──────────────────────▶ │  as often as needed, where one record holds too few
 *        │ ── plan  [plan memfd, slot…] ──────────▶ │
 *        │ ◀────────────────── digest (if asked) ── │
 *        │ ◀───────────────────────────── place ─── │  systemd order, or the cgroup refused a clone into it:
 *        │ ── placed ─────────────────────────────▶ │    stage 1 is moved by its pid before it goes on
 *        │ ◀───────────────────── pid [pidfd] ───── │  stage 2 exists; stage 1 ends
 *        │ ◀────────────────────────────── maps ─── │  new user namespace: the runtime writes the id maps
 *        │ ── mapped ─────────────────────────────▶ │
 *        │ ◀──────────────────────────── source ─── │  a mount source only the runtime can open
 *        │ ── sourced [tree] ─────────────────────▶ │
 *        │ ◀───────────────────────────── hooks ─── │  mounts are made: prestart and createRuntime hooks
 *        │ ── hooked ─────────────────────────────▶ │
 *        │ ◀────────────────────── pty [master] ─── │
 *        │ ◀────────────────────────── listener ─── │  the number of the seccomp listener (pidfd_getfd)
 *        │ ── listened ───────────────────────────▶ │
 *        │ ◀───────────── times […] (if asked) ─── │  when each step began, in as many records as it takes
 *        │ ◀───────────────────────────── ready ─── │  everything but the program itself is done
 *        │ ── saved ──────────────────────────────▶ │  rlimits set, state.json written
 *        ┴                                          │  create: waits for the fifo; run: executes at once
 *     at any time: ◀── failure {step, errno, detail}; the end of the socket is the death of the other side
 *
 * A record is: u32 kind, u32 a, i32 b, u32 length of the detail, the detail. All little endian.
 *   ahead: a = CLONE_NEW* of those namespaces; `clone` then makes the rest, and all of them if that failed
 *   slots: a = number of slots, detail = u32 slot numbers in the order of the descriptors
 *   plan: a = number of slots, b = sum of `asks`, detail = u32 slot numbers in the order of the descriptors
 *   digest: detail = SHA-256 of the plan bytes       pid: a = the pid as stage 1 sees it
 *   times: a = number of the first of these steps, detail = nanoseconds of CLOCK_REALTIME (a time namespace shifts all
 *     others), u64 for each step up to the one that announces `ready`, `timesPerRecord` to a record
 *   listener: a = its number in init
 *   failure: a = index of the step, b = errno, detail = what it was about (a path, the filesystem's own words)
 *   others: all zero
 * On the fifo, `awaitStart` writes the one byte "0"; a step that fails after it writes a failure record behind. Where
 * it is that byte that cannot be written, the record comes alone.
 */
export const kinds = {
  plan: 1,
  placed: 2,
  mapped: 3,
  sourced: 4,
  hooked: 5,
  listened: 6,
  saved: 7,
  ahead: 8,
  slots: 9,
  digest: 16,
  place: 17,
  pid: 18,
  maps: 19,
  source: 20,
  hooks: 21,
  pty: 22,
  listener: 23,
  ready: 24,
  failure: 25,
  times: 26,
} as const;

export type Kind = keyof typeof kinds;

/** What init is asked to tell besides, with the plan. */
export const asks = { digest: 1, times: 2 } as const;

/** How many steps a `times` record has at the most. */
export const timesPerRecord = 1000;

/** The longest record, in bytes; a longer detail is cut by init. */
export const recordLimit = 8192;

/** Layout of an encoded plan (src/plan/encode.ts, addon/init/plan.cc). */
export const layout = {
  /** "OCP1" */
  magic: 0x3150434f,
  version: 1,
  /** u32 magic, u32 version, u32 steps of stage 1, u32 steps of stage 2, u32 length of all, u32 zero */
  header: 24,
  /**
   * u32 length of the step (a multiple of 8), u16 op, u16 slots, u16 nums, u16 zero, u32 strs; then u64 nums,
   * u32 slots, u32 lengths of the strs and of the pointer, then these strings, a NUL behind each, zeros up to 8.
   */
  step: 16,
} as const;
