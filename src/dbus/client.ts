import type { Value } from './types.ts';

/** A method to call. */
export interface Call {
  /** Left out where the peer is no bus. */
  readonly destination?: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly Value[];
  /** What this is for, as in "start unit a.scope": errors begin with it and waits name it. */
  readonly doing: string;
}

/** A call whose answer may be taken later. */
export interface Pending {
  readonly serial: number;
  readonly doing: string;
}

/** Which signals to keep; what is left out may be anything. */
export interface SignalMatch {
  /** A name on the bus; only its owner, once that has answered a call, is believed. */
  readonly sender?: string;
  readonly path?: string;
  readonly interface: string;
  readonly member: string;
  /** Arguments that have to be these strings: [index, value]. */
  readonly args?: readonly (readonly [number, string])[];
}

export interface Signal {
  readonly sender: string | undefined;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly Value[];
}

/** Signals that are kept until they are taken. */
export interface Watch {
  readonly match: SignalMatch;
  readonly kept: Signal[];
}

export interface BusOptions {
  /** What messages call the other side, as in "the system bus". */
  readonly name: string;
  /**
   * A peer that is no bus: nothing is asked of org.freedesktop.DBus (no Hello, no AddMatch), and the handshake is
   * waited for.
   */
  readonly peer?: boolean;
  /** What each wait may take, milliseconds (besides `--timeout`). */
  readonly timeout: number;
}

/**
 * A connection to a bus or a peer. Nothing is written before something has to be waited for (or `flush`): the
 * handshake, Hello and the first calls to a bus go out in one piece.
 */
export interface Bus {
  /** Call and wait for the answer: what it brings. The bus's own errors are E_DBUS with `busError`. */
  call(call: Call): readonly Value[];
  /** Call, and go on. */
  send(call: Call): Pending;
  /** Wait for the answer to `send`. */
  answer(pending: Pending): readonly Value[];
  /** From now on keep such signals (and have the bus send them). */
  watch(match: SignalMatch): Watch;
  /** Wait for the first signal kept by `watch` that is accepted; those before it are forgotten. */
  signal(watch: Watch, accept: (signal: Signal) => boolean, doing: string): Signal;
  /** Write what is to be written. */
  flush(): void;
  close(): void;
}
