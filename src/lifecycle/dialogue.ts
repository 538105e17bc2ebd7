import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import { type Kind, recordLimit } from '../plan/protocol.ts';
import { Poll } from '../sys/constants.ts';
import { orElse, part, sys } from '../sys/index.ts';
import { trace } from '../trace.ts';
import { patience, pollPatiently, type Story } from '../waiting.ts';

import type { Launched } from './launch.ts';
import { placed } from './locate.ts';
import type { Prepared } from './prepare.ts';
import { decodeRecord, encodeRecord, type ProtocolRecord } from './record.ts';
import { answers, expectedKinds, sequenceOf } from './sequence.ts';

/** What the runtime does when init announces something; the answer is sent when it has returned. */
export type Handlers = Partial<Record<Kind, (record: ProtocolRecord, fds: readonly number[]) => void>>;

/** What a wait for the init with that pid is about. */
export type About = (pid: number) => OcirunError;

/** What is said where the init of this container takes long: the step that it is at, and why it does not go on. */
export const aboutInit =
  ({ config, cgroup }: Pick<Prepared, 'config' | 'cgroup'>, { stage1, stage2 }: Plan): About =>
  (pid) =>
    placed(
      config,
      part('waits').ofInit(pid, (index) => stage1[index] ?? stage2[index - stage1.length], cgroup),
    );

/** Serve init until it has made its last announcement. */
export function converse(launched: Launched, plan: Plan, digest: boolean, handlers: Handlers, about: About): void {
  const sequence = sequenceOf(expectedKinds(plan, digest, trace.on));
  // Who is at the other end: stage 1, then stage 2.
  let speaker = launched;
  const story: Story = () => about(speaker.pid);
  while (!sequence.done()) {
    const { record, fds } = receive(speaker, plan, story);
    sequence.accept(record.kind);
    if (record.kind === 'failure') throw part('failure').initFailure(plan, record);
    if (record.kind === 'pid') speaker = { ...launched, pid: record.a, pidfd: fds[0] ?? launched.pidfd };
    try {
      handlers[record.kind]?.(record, fds);
    } catch (error) {
      throw part('failure').orEnded(error, speaker, plan);
    }
    const answer = answers[record.kind];
    if (answer) reply(speaker, plan, answer, story);
  }
}

/** After the last announcement, until execve(2) closes the socket: only a failure may come. */
export function awaitExecution(launched: Launched, plan: Plan, story: Story): void {
  const [bytes] = next(launched.socket, story);
  const record = decodeRecord(bytes);
  if (record?.kind === 'failure') throw part('failure').initFailure(plan, record);
}

type Received = readonly [Uint8Array, ...number[]];
const nothing: Received = [new Uint8Array(0)];

/** Where init ended without reading all that we sent, the kernel tells that once, and then what it had said before. */
function next(socket: number, story: Story): Received {
  const receive = (): Received => listen(socket, story);
  return orElse('ECONNRESET', undefined, receive) ?? orElse('ECONNRESET', nothing, receive);
}

/** The socket ends a long wait by itself (launch.ts), which costs no system call; to a time limit that is not exact. */
function listen(socket: number, story: Story): Received {
  const receive = (): Received => sys.receiveRecord(socket, recordLimit);
  if (patience.deadline > 0) pollPatiently([socket], [Poll.IN], -1, story);
  const received = orElse('EAGAIN', undefined, receive);
  if (received) return received;
  const look = (milliseconds: number): true | undefined =>
    sys.poll([socket], [Poll.IN], milliseconds)[0] !== 0 || undefined;
  part('waits').lookOn(look, -1, story);
  return receive();
}

function receive(launched: Launched, plan: Plan, story: Story): { record: ProtocolRecord; fds: number[] } {
  const [bytes, ...fds] = next(launched.socket, story);
  if (bytes.length === 0) throw part('failure').initEnded(launched, plan);
  const record = decodeRecord(bytes);
  if (record) return { record, fds };
  throw new OcirunError('E_PROTOCOL', `init sent ${bytes.length} bytes that are no record`);
}

function reply(launched: Launched, plan: Plan, answer: Kind, story: Story): void {
  const sent = orElse('EPIPE ECONNRESET', false, () => {
    sys.sendRecord(launched.socket, encodeRecord(answer), []);
    return true;
  });
  if (sent) return;
  // One that could not wait for the answer has said so.
  const { record } = receive(launched, plan, story);
  throw record.kind === 'failure'
    ? part('failure').initFailure(plan, record)
    : part('failure').initEnded(launched, plan);
}
