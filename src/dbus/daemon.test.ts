/** The client and the real dbus-daemon. Needs a build. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import type { Bus, Call } from './client.ts';

createRequire(import.meta.url)(join(process.cwd(), 'addon/node-host.cjs'));
const { isBusError, openBus } = await import('./bus.ts');

const config = (
  address: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>${address}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;

const prefix = 'ocirun-test-dbus-daemon-';

// What a test that was killed has left behind.
for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(prefix)))
  if (!existsSync(`/proc/${name.slice(prefix.length).split('-')[0]}`))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });

const directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
const children: ChildProcess[] = [];

t.teardown(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** A daemon that listens there; its real address. */
async function daemonAt(address: string): Promise<string> {
  const file = join(directory, `${children.length}.conf`);
  writeFileSync(file, config(address));
  const options = [`--config-file=${file}`, '--nofork', '--nopidfile', '--print-address'];
  // It ends with this test, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'dbus-daemon', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error('dbus-daemon has ended (Debian package dbus)')));
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
  });
}

const driver = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const ask = (member: string, ...body: string[]): Call => ({
  ...driver,
  member,
  ...(body.length > 0 ? { signature: 's'.repeat(body.length), body } : {}),
  doing: `ask for ${member}`,
});

function withBus(address: string, use: (bus: Bus) => void): void {
  const bus = openBus(address, { name: 'the test bus', timeout: 20_000 });
  try {
    use(bus);
  } finally {
    bus.close();
  }
}

t.test('the bus answers', async (t) => {
  const address = await daemonAt(`unix:path=${directory}/a%20bus`);
  withBus(`tcp:host=nowhere;unix:path=${directory}/nothing;${address}`, (bus) => {
    const names = bus.call(ask('ListNames'))[0] as string[];
    t.ok(names.includes('org.freedesktop.DBus'));
    t.ok(names.some((name) => /^:1\.\d+$/.test(name)));
    t.same(bus.call(ask('NameHasOwner', 'org.freedesktop.DBus')), [true]);
    t.same(bus.call(ask('NameHasOwner', 'org.freedesktop.systemd1')), [false]);
    t.throws(() => bus.call(ask('GetNameOwner', 'org.example.Nobody')), {
      code: 'E_DBUS',
      message: /^ask for GetNameOwner: .*org\.example\.Nobody.* \(org\.freedesktop\.DBus\.Error\.NameHasNoOwner\)$/,
    });
  });
});

t.test('calls, and signals, in one piece', async (t) => {
  const address = await daemonAt(`unix:abstract=ocirun-test-dbus-${process.pid}`);
  withBus(address, (bus) => {
    const match = { sender: driver.destination, interface: driver.interface, member: 'NameOwnerChanged' };
    const watch = bus.watch({ ...match, args: [[0, 'org.example.Ocirun']] });
    const never = bus.watch({ ...match, args: [[0, "org.example.'quoted'"]] });
    const [one, two] = ['org.example.Other', 'org.example.Ocirun'].map((name) =>
      bus.send({ ...driver, member: 'RequestName', signature: 'su', body: [name, 0], doing: `take ${name}` }),
    );
    t.same(bus.answer(two!), [1]);
    t.same(bus.answer(one!), [1]);
    const signal = bus.signal(watch, () => true, 'wait for the name');
    t.equal(signal.body[0], 'org.example.Ocirun');
    t.equal(signal.sender, driver.destination);
    t.same(never.kept, []);
  });
});

t.test('an error of the bus itself', async (t) => {
  const address = await daemonAt(`unix:dir=${directory}`);
  withBus(address, (bus) => {
    try {
      bus.call({ ...driver, member: 'NoSuchMethod', doing: 'try' });
      t.fail('should be refused');
    } catch (error) {
      t.ok(isBusError(error, 'org.freedesktop.DBus.Error.UnknownMethod'), (error as Error).message);
      t.notOk(isBusError(error, 'org.example.Other'));
      t.ok(error instanceof OcirunError);
    }
  });
});
