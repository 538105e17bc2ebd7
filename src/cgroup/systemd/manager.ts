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

/** What a call to systemd has in common with the others. */
const addressed = ({ peer }: Manager): Pick<Call, 'path' | 'destination'> => ({
  path: object,
  ...(peer ? {} : { destination: 'org.freedesktop.systemd1' }),
});

/** A call of a method of the manager. */
export const managerCall = (
  manager: Manager,
  member: string,
  signature: string,
  body: readonly Value[],
  doing: string,
): Call => ({ ...addressed(manager), interface: managerInterface, member, signature, body, doing });

/** A property of the manager, to be asked for. */
export const askManager = (manager: Manager, name: string): (() => string) => {
  const pending = manager.bus.send({
    ...addressed(manager),
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    body: [managerInterface, name],
    doing: `ask for ${name}`,
  });
  return () => text((manager.bus.answer(pending)[0] as Variant | undefined)?.value);
};

/** An argument that is a string. */
export const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

/** "252.38-1~deb12u1", "v245", "257~rc1": the number that it begins with. */
export const versionOf = (text: string): number => Number(/^v?(\d+)/.exec(text)?.[1] ?? 0);

/** Whether systemd has said that there is no such unit. */
export const isNoSuchUnit = (error: unknown): boolean => isBusError(error, 'org.freedesktop.systemd1.NoSuchUnit');
export const isUnitExists = (error: unknown): boolean => isBusError(error, 'org.freedesktop.systemd1.UnitExists');
