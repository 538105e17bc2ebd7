import { OcirunError } from '../errors/error.ts';
import { fault } from './fault.ts';
import { decodeMessage, messageLength } from './message.ts';
import { textOf } from './text.ts';
import type { Message } from './types.ts';

/** A line of the handshake is no longer than that. */
const longestLine = 16_384;

/** What has come and was not taken yet; where it cannot be taken, an error says what the other side does. */
export class Incoming {
  private bytes = new Uint8Array(4096);
  private begin = 0;
  private end = 0;

  append(more: Uint8Array): void {
    if (this.end + more.length > this.bytes.length) this.makeRoom(more.length);
    this.bytes.set(more, this.end);
    this.end += more.length;
  }

  private makeRoom(size: number): void {
    const left = this.bytes.subarray(this.begin, this.end);
    const wanted = left.length + size;
    const bytes = new Uint8Array(wanted * 2 > this.bytes.length ? wanted * 2 : this.bytes.length);
    bytes.set(left);
    [this.bytes, this.begin, this.end] = [bytes, 0, left.length];
  }

  /** The next line of the handshake, without its end. */
  line(): string | undefined {
    const there = this.bytes.subarray(this.begin, this.end);
    const length = there.indexOf(0x0a);
    if (length < 0 && there.length <= longestLine) return undefined;
    const text = length > 0 && there[length - 1] === 0x0d ? textOf(there.subarray(0, length - 1)) : undefined;
    if (text === undefined) throw fault('does not speak D-Bus: there is no line of text in the handshake');
    this.begin += length + 1;
    return text;
  }

  /** The next message, once it is there as a whole. */
  message(): Message | undefined {
    try {
      const there = this.bytes.subarray(this.begin, this.end);
      const length = messageLength(there);
      if (length === undefined || length > there.length) return undefined;
      this.begin += length;
      return decodeMessage(there.subarray(0, length));
    } catch (error) {
      throw error instanceof OcirunError ? fault(`does not keep to D-Bus: ${error.message}`) : error;
    }
  }
}
