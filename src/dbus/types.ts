/**
 * A value of a D-Bus type (https://dbus.freedesktop.org/doc/dbus-specification.html):
 * y n q i u h d number; x t bigint (a safe integer will do to send one); b boolean; s o g string; v a Variant;
 * ay Uint8Array; other arrays and structs a list; a{..} a list of [key, value].
 */
export type Value = number | bigint | boolean | string | Uint8Array | Variant | readonly Value[];

/** A value that brings its type. */
export interface Variant {
  readonly signature: string;
  readonly value: Value;
}

export const enum MessageType {
  CALL = 1,
  RETURN = 2,
  ERROR = 3,
  SIGNAL = 4,
}

export const enum MessageFlag {
  NO_REPLY_EXPECTED = 1,
  NO_AUTO_START = 2,
  ALLOW_INTERACTIVE = 4,
}

/** What the header of a message may have. */
export interface Header {
  /** A MessageType; others are to be passed over. */
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  /** The types of the body; '' for none. */
  readonly signature?: string;
  readonly unixFds?: number;
}

export interface Message extends Header {
  readonly body: readonly Value[];
}
