/** The client and servers that are slow, rude or wrong. Needs a build. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import type { Log } from '../log.ts';
import type { Bus, BusOptions, Call } from './client.ts';
import { Incoming } from './incoming.ts';
import { encodeMessage } from './message.ts';
import { type Message, MessageType } from './types.ts';

createRequire(import.meta.url)(join(process.cwd(), 'addon/node-host.cjs'));
const { openBus } = await import('./bus.ts');
const { readSome, writeSome } = await import('./socket.ts');
const { extendTimeLimit, liftTimeLimit, setTimeLimit } = await import('../waiting.ts');
const waits = await import('../lifecycle/waits.ts');
globalThis.ocirunNative.lazy = () => waits;

const prefix = 'ocirun-test-dbus-client-';

// What a test that was killed has left behind.
for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(prefix)))
  if (!existsSync(`/proc/${name.slice(prefix.length).split('-')[0]}`))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });

const directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

/** One thing that the server does, once so many bytes have come in all. */
interface Act {
  readonly after?: number;
  readonly delay?: number;
  readonly bytes?: Uint8Array;
  /** How many bytes are written at once. */
  readonly piece?: number;
  /** Write the bytes again and again, with so many milliseconds in between. */
  readonly every?: number;
  readonly end?: boolean;
}

interface Play {
  readonly address: string;
  readonly acts: readonly Act[];
  /** Listen only after so many milliseconds. */
  readonly late?: number;
  /** Listen with that backlog and accept nobody. */
  readonly deaf?: number;
  /** Where the socket is by the time somebody connects. */
  readonly moved?: string;
}

/** The server runs in a thread, for the client keeps this one waiting. */
const program = `
const { workerData: { address, acts, late = 0, deaf }, parentPort } = require('node:worker_threads');
const { setTimeout: sleep } = require('node:timers/promises');
const chunks = [];
const server = require('node:net').createServer(async (socket) => {
  let [count, wake] = [0, () => {}];
  socket.on('error', () => {});
  socket.on('close', () => parentPort.postMessage(chunks));
  socket.on('data', (chunk) => { chunks.push(chunk); count += chunk.length; wake(); });
  for (const { after = 0, delay = 0, bytes = [], piece = Math.max(bytes.length, 1), every, end } of acts) {
    while (count < after) await new Promise((resolve) => (wake = resolve));
    await sleep(delay);
    do {
      for (let at = 0; at < bytes.length; at += piece) {
        socket.write(bytes.subarray(at, at + piece));
        if (piece < bytes.length) await sleep(0);
      }
      if (every) await sleep(every);
    } while (every && !socket.destroyed);
    if (end) socket.end();
  }
});
setTimeout(() => server.listen({ path: late ? address + '.new' : address, backlog: deaf ?? 10 }, () => {
  if (late) require('node:fs').renameSync(address + '.new', address);
  parentPort.postMessage('listening');
  if (deaf !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}), late);
if (late) parentPort.postMessage('late');
`;

let plays = 0;

/** Have a server do these acts and use the bus at its address; gives the pieces in which something came. */
async function withServer(
  play: Partial<Play>,
  use: (bus: () => Bus) => void,
  options: Partial<BusOptions> = {},
): Promise<Uint8Array[]> {
  const path = join(directory, String((plays += 1)));
  const address = play.address ?? path;
  const worker = new Worker(program, { eval: true, workerData: { acts: [], ...play, address } });
  await once(worker, 'message');
  const heard = new Promise<Uint8Array[]>((resolve) => {
    worker.on('message', (said) => (Array.isArray(said) ? resolve(said as Uint8Array[]) : undefined));
  });
  if (play.moved) renameSync(address, play.moved);
  let bus: Bus | undefined;
  try {
    use(
      () => (bus ??= openBus(`unix:path=${play.moved ?? address}`, { name: 'the bus', timeout: 10_000, ...options })),
    );
  } finally {
    if (bus) {
      bus.close();
      await heard;
    }
    await worker.terminate();
  }
  return bus ? heard : [];
}

const greeting = Buffer.from('DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n');
const handshake = '\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n';

let lastSerial = 0;
const message = (parts: Partial<Message>, little = true): Uint8Array =>
  encodeMessage({ type: MessageType.RETURN, flags: 1, serial: (lastSerial += 1), body: [], ...parts }, little);
const reply = (replySerial: number, text?: string, little = true): Uint8Array =>
  message({ replySerial, sender: ':1.7', ...(text === undefined ? {} : { signature: 's', body: [text] }) }, little);
const refusal = (replySerial: number, text?: string): Uint8Array =>
  message({
    type: MessageType.ERROR,
    replySerial,
    errorName: 'org.example.Error.No',
    ...(text === undefined ? {} : { signature: 's', body: [text] }),
  });
const signal = (text: string, sender = ':1.7', little = true): Uint8Array =>
  message(
    {
      type: MessageType.SIGNAL,
      sender,
      path: '/a',
      interface: 'org.example.A',
      member: 'Said',
      signature: 's',
      body: [text],
    },
    little,
  );
const bytes = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
/** What comes at once: the handshake and what else was to be said. */
const after = handshake.length + 1;

const call = (doing: string, more: Partial<Call> = {}): Call => ({
  destination: 'org.example.A',
  path: '/a',
  interface: 'org.example.A',
  member: 'Do',
  doing,
  ...more,
});
const said = { sender: 'org.example.A', interface: 'org.example.A', member: 'Said' };

/** The messages behind the handshake. */
function messagesIn(chunks: readonly Uint8Array[]): Message[] {
  const incoming = new Incoming();
  incoming.append(Buffer.concat(chunks).subarray(handshake.length));
  const found: Message[] = [];
  for (let next = incoming.message(); next; next = incoming.message()) found.push(next);
  return found;
}

t.test('handshake, Hello and the first calls go out in one piece', async (t) => {
  const acts = [{ after, bytes: bytes(greeting, reply(1, ':1.2'), reply(2), reply(3, 'one'), reply(4, 'two')) }];
  const chunks = await withServer({ acts }, (open) => {
    const bus = open();
    bus.watch({ ...said, path: '/a', args: [[1, "it's"]] });
    const first = bus.send(call('one'));
    t.same(bus.call(call('two')), ['two']);
    t.same(bus.answer(first), ['one']);
  });
  t.equal(chunks.length, 1);
  t.equal(Buffer.from(chunks[0]!.subarray(0, handshake.length)).toString('latin1'), handshake);
  t.match(messagesIn(chunks), [
    { serial: 1, destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', member: 'Hello', body: [] },
    {
      serial: 2,
      member: 'AddMatch',
      body: ["type='signal',sender='org.example.A',path='/a',interface='org.example.A',member='Said',arg1='it'\\''s'"],
    },
    { serial: 3, type: MessageType.CALL, destination: 'org.example.A', interface: 'org.example.A', member: 'Do' },
    { serial: 4 },
  ]);
});

t.test('a peer that is no bus is asked nothing else', async (t) => {
  const acts = [
    { after: handshake.length, bytes: greeting, piece: 20, delay: 20 },
    { after, bytes: bytes(message({ replySerial: 2 }), signal('x', undefined)) },
  ];
  const chunks = await withServer(
    { acts },
    (open) => {
      const watch = open().watch({ ...said, args: [[0, 'x']] });
      const { destination: _bus, ...peerCall } = call('ask');
      open().send(peerCall);
      open().flush();
      t.same(open().call(peerCall), []);
      t.equal(open().signal(watch, () => true, 'wait').body[0], 'x');
    },
    { peer: true },
  );
  t.same(
    messagesIn(chunks).map(({ serial }) => serial),
    [1, 2],
  );
  t.equal(chunks[0]?.length, handshake.length, 'systemd must not read a message with the handshake');
});

t.test('answers in another order, in single bytes, of the other byte order, with signals in between', async (t) => {
  const calls = message({ type: MessageType.CALL, path: '/', member: 'Ping', interface: 'org.freedesktop.DBus.Peer' });
  const other = message({ type: 9 });
  const elsewhere = {
    type: MessageType.SIGNAL,
    sender: ':1.7',
    path: '/a',
    interface: 'org.example.B',
    member: 'Said',
  };
  const all = bytes(
    ...[
      signal('before'),
      signal('0', ':1.8'),
      reply(4, 'second', false),
      signal('1'),
      calls,
      other,
      message(elsewhere),
    ],
    ...[
      reply(1, ':1.2'),
      reply(99, 'nobody'),
      reply(2),
      signal('2', ':1.7', false),
      reply(3, 'first'),
      reply(3, 'again'),
    ],
  );
  for (const piece of [1, 7, 100_000]) {
    await withServer({ acts: [{ after, bytes: bytes(greeting, all), piece }] }, (open) => {
      const watch = open().watch(said);
      const first = open().send(call('first'));
      const second = open().send(call('second'));
      t.same(open().answer(first), ['first']);
      t.same(open().answer(second), ['second']);
      const texts: unknown[] = [];
      const accept = (text: unknown): boolean => (texts.push(text), text === '2');
      t.match(
        open().signal(watch, ({ body: [text] }) => accept(text), 'wait for 2'),
        {
          sender: ':1.7',
          path: '/a',
          interface: 'org.example.A',
          member: 'Said',
          body: ['2'],
        },
      );
      t.same(texts, ['before', '1', '2'], 'signals of somebody else are not believed');
    });
  }
});

t.test('errors of the other side', async (t) => {
  const acts = [{ after, bytes: bytes(greeting, reply(1), refusal(2, 'not today'), refusal(3)) }];
  await withServer({ acts }, (open) => {
    const first = open().send(call('start it'));
    const second = open().send(call('stop it'));
    t.throws(() => open().answer(first), {
      code: 'E_DBUS',
      message: 'start it: not today (org.example.Error.No)',
      details: { busError: 'org.example.Error.No' },
    });
    t.throws(() => open().answer(second), { message: 'stop it: refused (org.example.Error.No)' });
  });
});

t.test('errors of what nobody asks about come with the next wait', async (t) => {
  const acts = [{ after, bytes: bytes(greeting, refusal(1, 'full')) }];
  await withServer({ acts }, (open) => {
    t.throws(() => open().call(call('a')), { message: 'a: register with the bus: full (org.example.Error.No)' });
  });
  await withServer({ acts: [{ after, bytes: bytes(greeting, reply(1), refusal(2, 'rule')) }] }, (open) => {
    open().watch(said);
    t.throws(() => open().call(call('a')), {
      message: 'a: ask the bus for the signal Said: rule (org.example.Error.No)',
    });
  });
});

t.test('who is not let in', async (t) => {
  for (const line of ['REJECTED EXTERNAL', 'ERROR "what?"', 'AGREE_UNIX_FD', '']) {
    await withServer({ acts: [{ after, bytes: Buffer.from(`${line}\r\n`), end: true }] }, (open) => {
      t.throws(() => open().call(call('a')), {
        code: 'E_DBUS',
        message: `a: the bus does not let this user in: ${JSON.stringify(line)}`,
      });
    });
  }
});

t.test('what is not D-Bus', async (t) => {
  const cut = (at: number, value: number): Uint8Array => reply(1).map((byte, index) => (index === at ? value : byte));
  const wrong: [Uint8Array, RegExp][] = [
    [Buffer.from('HTTP/1.1 400 Bad Request\n'), /no line of text in the handshake/],
    [Buffer.from([0xff, 0x0d, 0x0a]), /no line of text in the handshake/],
    [Buffer.alloc(40_000, 'x'), /no line of text in the handshake/],
    [bytes(greeting, Buffer.alloc(64)), /no message begins with the byte 0/],
    [bytes(greeting, cut(3, 2)), /protocol version 2 is not known/],
    [bytes(greeting, cut(7, 0x7f)), /^ask: the bus does not keep to D-Bus: a message of \d+ bytes is too long$/],
  ];
  for (const [what, message] of wrong) {
    await withServer({ acts: [{ after, bytes: what }] }, (open) => {
      t.throws(() => open().call(call('ask')), { code: 'E_DBUS', message });
      t.throws(() => open().call(call('again')), { message: /^again: the bus does not (keep to|speak) D-Bus: / });
    });
  }
});

t.test('a connection that ends', async (t) => {
  const message = 'ask: the bus has closed the connection';
  for (const acts of [[{ end: true }], [{ after, end: true }], [{ after, bytes: greeting, end: true }]])
    await withServer({ acts }, (open) => {
      t.throws(() => open().call(call('ask')), { code: 'E_DBUS', message });
      t.throws(() => open().call(call('ask')), { message });
    });
  const acts = [{ after, bytes: bytes(greeting, reply(1), reply(2, 'last words')), end: true }];
  await withServer({ acts }, (open) => t.same(open().call(call('ask')), ['last words']));
});

const elapsed = (action: () => void): number => {
  const begin = performance.now();
  action();
  return performance.now() - begin;
};

t.test('every wait has an end', async (t) => {
  const message = 'ask: the bus has not answered for 0.5 s';
  const talkative = { after, bytes: bytes(greeting, signal('x')), every: 5 };
  for (const acts of [
    [],
    [{ after, bytes: greeting }],
    [
      { after, bytes: greeting },
      { ...talkative, bytes: signal('x') },
    ],
  ])
    await withServer(
      { acts },
      (open) => {
        const took = elapsed(() => t.throws(() => open().call(call('ask')), { code: 'E_DBUS', message }));
        t.ok(took > 490 && took < 1900, String(took));
        const watch = open().watch(said);
        t.throws(() => open().signal(watch, () => false, 'wait'), {
          message: 'wait: the bus has not answered for 0.5 s',
        });
      },
      { timeout: 500 },
    );
});

t.test('--timeout is told what is waited for', async (t) => {
  const warned: string[] = [];
  const log = { warn: (text: string) => void warned.push(text) } as unknown as Log;
  await withServer({ acts: [{ after, bytes: greeting }] }, (open) => {
    setTimeLimit(2.5, log);
    t.throws(() => open().call(call('start unit a.scope')), {
      code: 'E_TIMEOUT',
      message: 'timed out after 2.5 s (--timeout), waiting for the answer of the bus: start unit a.scope',
    });
    t.same(warned, ['waiting for the answer of the bus: start unit a.scope']);
    extendTimeLimit(100);
    t.throws(() => open().call(call('stop it')), { code: 'E_TIMEOUT' });
    liftTimeLimit();
  });
});

t.test('a slow answer is waited for', async (t) => {
  await withServer(
    {
      acts: [
        { after, bytes: greeting, piece: 3, delay: 50 },
        { delay: 50, bytes: bytes(reply(1), reply(2, 'there')), piece: 9 },
      ],
    },
    (open) => t.same(open().call(call('ask')), ['there']),
  );
});

t.test('long messages, both ways', async (t) => {
  const body = Buffer.alloc(3_000_000, 7);
  const acts = [
    { after: 2_000_000, delay: 50, bytes: greeting },
    { after: 3_000_000, bytes: bytes(reply(1), message({ replySerial: 2, signature: 'ay', body: [body] })) },
    { after: 6_000_000, bytes: reply(3) },
  ];
  const chunks = await withServer({ acts }, (open) => {
    const [back] = open().call(call('a', { signature: 'ay', body: [body] }));
    t.ok(back instanceof Uint8Array && body.equals(back));
    open().send(call('b', { signature: 'ay', body: [body] }));
    open().flush();
  });
  t.ok(body.equals(messagesIn(chunks)[2]?.body[0] as Uint8Array));
});

t.test('a connection that is refused is tried again, seven times', async (t) => {
  const address = join(directory, 'stale');
  globalThis.ocirunNative.close(globalThis.ocirunNative.bindDatagram(address));
  const refused = (): Bus => openBus(`unix:path=${address}`, { name: 'the bus', timeout: 10_000 });
  const took = elapsed(() =>
    t.throws(refused, {
      code: 'E_DBUS',
      message: `connect to the bus at ${address}: connection refused`,
      details: { errnoName: 'ECONNREFUSED', syscall: 'connect' },
    }),
  );
  t.ok(took > 120 && took < 5000, String(took));
  const acts = [{ after, bytes: bytes(greeting, reply(1), reply(2, 'there')) }];
  await withServer({ address, acts, late: 20 }, (open) => t.same(open().call(call('ask')), ['there']));
});

t.test('a path that is not there, and one that is too long for the kernel', async (t) => {
  const missing = join(directory, 'missing');
  t.throws(() => openBus(`unix:path=${missing}`, { name: 'the bus', timeout: 10_000 }), {
    code: 'E_DBUS',
    message: `connect to the bus at ${missing}: no such file or directory`,
    details: { path: missing },
  });
  const long = join(directory, 'long'.repeat(40));
  mkdirSync(long);
  const address = join(directory, 'short');
  const acts = [{ after, bytes: bytes(greeting, reply(1), reply(2, 'there')) }];
  await withServer({ address, acts, moved: join(long, 'socket') }, (open) =>
    t.same(open().call(call('ask')), ['there']),
  );
});

t.test('nobody accepts: the queue of connections is full', async (t) => {
  await withServer({ deaf: 1, address: join(directory, 'deaf') }, () => {
    const path = join(directory, 'deaf');
    const waiting = [0, 0].map(() => globalThis.ocirunNative.connectUnix(path, 1));
    t.throws(() => openBus(`unix:path=${path}`, { name: 'the bus', timeout: 150 }), {
      code: 'E_DBUS',
      message: `connect to the bus at ${path}: it has taken no connection for 0.15 s`,
    });
    for (const fd of waiting) globalThis.ocirunNative.close(fd);
  });
});

t.test('somebody who has gone is found by reading, and descriptors are not taken', async (t) => {
  const { close, sendRecord, socketPair } = globalThis.ocirunNative;
  const [ours, theirs] = socketPair();
  const before = readdirSync('/proc/self/fd').length;
  sendRecord(theirs, Uint8Array.of(1), [theirs, theirs]);
  t.same(readSome(ours), Uint8Array.of(1));
  t.equal(readdirSync('/proc/self/fd').length, before);
  close(theirs);
  t.equal(writeSome(ours, Uint8Array.of(1, 2)), 2);
  t.same(readSome(ours), Uint8Array.of());
  close(ours);
});

t.test('no descriptor is left', async (t) => {
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 3; round += 1)
    await withServer({ acts: [{ after, bytes: bytes(greeting, reply(1), reply(2)) }] }, (open) => {
      open().call(call('ask'));
    });
  t.equal(readdirSync('/proc/self/fd').length, before);
});
