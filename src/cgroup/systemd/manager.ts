import { isBusError, openBus } from '../../dbus/bus.ts';
import type { Bus, Call } from '../../dbus/client.ts';
import type { Value, Variant } from '../../dbus/types.ts';
import { OcirunError } from '../../errors/error.ts';
import { At } from '../../sys/constants.ts';
import { orElse, readFile, sys } from '../../sys/index.ts';

/** systemd, that of the system or that of a user, once we are connected to it. */
export interface Manager {
  readonly bus: Bus;
  /** The address that was taken. */
  readonly address: string;
  /** Whether it is systemd itself, with no bus between. */
  readonly peer: boolean;
  /** What systemctl needs to know: '' or '--user '. */
  readonly option: string;
}

/** Wait so long for each answer of systemd, milliseconds (as runc does). */
const longest = 30_000;

/** systemd's own socket, which only it and systemctl know: no bus is needed, and signals come to all. */
const isPrivate = (address: string): boolean => address.endsWith('/systemd/private');

const variable = (name: string): string | undefined => orElse('EILSEQ', undefined, () => sys.getenv(name)) || undefined;

const systemAddresses = (): string[] => [
  'unix:path=/run/systemd/private',
  variable('DBUS_SYSTEM_BUS_ADDRESS') ?? 'unix:path=/run/dbus/system_bus_socket',
];

/** Percent signs for what an address may not have in it ("Server Addresses" of the D-Bus specification). */
const escaped = (path: string): string =>
  path.replace(/[^-0-9A-Za-z_/.\\*]/gu, (character) => encodeURIComponent(character).replace(/^[^%]/, hexadecimal));

const hexadecimal = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

function userAddresses(): string[] {
  const runtime = variable('XDG_RUNTIME_DIR');
  const [own, bus] = [`${runtime}/systemd/private`, `${runtime}/bus`].map((path) =>
    runtime !== undefined && sys.exists(At.FDCWD, path) ? `unix:path=${escaped(path)}` : undefined,
  );
  const found = [own, variable('DBUS_SESSION_BUS_ADDRESS') ?? bus].filter((address) => address !== undefined);
  if (found.length > 0) return found;
  throw new OcirunError(
    'E_DBUS',
    'find the service manager of this user: neither XDG_RUNTIME_DIR leads to it, nor is there a DBUS_SESSION_BUS_ADDRESS',
    {
      hint: 'install dbus-user-session and log in again (or: loginctl enable-linger, and set XDG_RUNTIME_DIR=/run/user/UID)',
    },
  );
}

/** Whether root here is root of the machine (user_namespaces(7)). */
const isRootOutside = (): boolean =>
  /^\s*0\s+0\s+4294967295\s*$/.test(orElse('ENOENT EACCES', '', () => readFile('/proc/self/uid_map', 65536)));

/** Whether containers of ours are those of the system; a user's are started by the user's own service manager. */
export const isSystemUser = (): boolean => sys.getids()[1] === 0 && isRootOutside();

function connectTo(addresses: readonly string[], user: boolean): Manager {
  let failure: unknown;
  for (const address of addresses) {
    const peer = isPrivate(address);
    const name = `${user ? "the user's " : ''}systemd`;
    try {
      return { bus: openBus(address, { name, peer, timeout: longest }), address, peer, option: user ? '--user ' : '' };
    } catch (error) {
      if (!(error instanceof OcirunError) || error.code !== 'E_DBUS') throw error;
      failure ??= error;
    }
  }
  throw failure;
}

/** Connect to the service manager of the system. */
export function systemManager(): Manager {
  if (!sys.exists(At.FDCWD, '/run/systemd/system'))
    throw new OcirunError('E_DBUS', 'systemd not running on this host, cannot use systemd cgroups manager', {
      path: '/run/systemd/system',
      hint: 'leave --systemd-cgroup out: cgroups are made without systemd then',
    });
  return connectTo(systemAddresses(), false);
}

/** Connect to the service manager of a user: the one at that address, or the one that the environment leads to. */
export const userManager = (address?: string): Manager =>
  connectTo(address === undefined ? userAddresses() : [address], true);

const object = '/org/freedesktop/systemd1';
export const managerInterface = 'org.freedesktop.systemd1.Manager';
const unitInterface = 'org.freedesktop.systemd1.Unit';

/** A method of an object of systemd's, and what for. */
type Method = Pick<Call, 'interface' | 'member' | 'signature' | 'body' | 'doing'>;

const callOf = ({ peer }: Manager, path: string, method: Method): Call => ({
  path,
  ...(peer ? {} : { destination: 'org.freedesktop.systemd1' }),
  ...method,
});

/** A call of a method of the manager. */
export const managerCall = (
  manager: Manager,
  member: string,
  signature: string,
  body: readonly Value[],
  doing: string,
): Call => callOf(manager, object, { interface: managerInterface, member, signature, body, doing });

/** Ask for a property of an object; gives what waits for the value. */
function ask(manager: Manager, path: string, of: string, name: string, doing: string): () => Value | undefined {
  const [member, signature, body] = ['Get', 'ss', [of, name]];
  const pending = manager.bus.send(
    callOf(manager, path, { interface: 'org.freedesktop.DBus.Properties', member, signature, body, doing }),
  );
  return () => (manager.bus.answer(pending)[0] as Variant | undefined)?.value;
}

/** A property of the manager, to be asked for. */
export const askManager = (manager: Manager, name: string): (() => string) => {
  const answer = ask(manager, object, managerInterface, name, `ask for ${name}`);
  return () => text(answer());
};

/** The object of a unit: what no path may have in it is written in hexadecimal, and so is a digit at the beginning. */
const unitObject = (name: string): string =>
  `${object}/unit/${name.replace(/^\d|[^0-9A-Za-z]/g, (character) => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}`;

/** A property of the unit of that name, to be asked for; one that is not there has them, too. */
export const askUnit = (manager: Manager, unit: string, name: string): (() => Value | undefined) =>
  ask(manager, unitObject(unit), unitInterface, name, `ask for ${name} of unit ${unit}`);

/** A call of a method of the unit that has that id since it was started: never of another one of its name. */
export const invocationCall = (
  manager: Manager,
  invocation: string,
  member: string,
  signature: string,
  body: readonly Value[],
  doing: string,
): Call => callOf(manager, unitObject(invocation), { interface: unitInterface, member, signature, body, doing });

/** An argument that is a string. */
export const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

/** "252.38-1~deb12u1", "v245", "257~rc1": the number that it begins with. */
export const versionOf = (text: string): number => Number(/^v?(\d+)/.exec(text)?.[1] ?? 0);

/** Whether systemd has said that there is no such unit. */
export const isNoSuchUnit = (error: unknown): boolean =>
  [
    'org.freedesktop.systemd1.NoSuchUnit',
    'org.freedesktop.systemd1.NoUnitForInvocationID',
    'org.freedesktop.DBus.Error.UnknownObject',
  ].some((name) => isBusError(error, name));
export const isUnitExists = (error: unknown): boolean => isBusError(error, 'org.freedesktop.systemd1.UnitExists');
