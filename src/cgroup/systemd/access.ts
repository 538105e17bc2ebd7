import { At } from '../../sys/constants.ts';
import { sys } from '../../sys/index.ts';
import { askManager, type Manager, systemManager, userManager, versionOf } from './manager.ts';

/** What plan/systemd has to know of a machine. */
export interface SystemdFacts {
  readonly version: number;
  /** Whether cgroups have an io.bfq.weight. */
  readonly bfq: boolean;
}

/** A service manager that is connected to when it is needed. */
export class Access {
  readonly #connect: () => Manager;
  /** Whether its version matters: whoever can do without has one question less to ask. */
  readonly #asksVersion: boolean;
  #manager: Manager | undefined;
  #version: (() => string) | undefined;
  #facts: SystemdFacts | undefined;

  /** @param address where that of a user listens, '' where the environment tells; undefined for that of the system */
  constructor(address: string | undefined, asksVersion: boolean) {
    this.#connect = () => (address === undefined ? systemManager() : userManager(address || undefined));
    this.#asksVersion = asksVersion;
  }

  get manager(): Manager {
    if (this.#manager) return this.#manager;
    this.#manager = this.#connect();
    if (this.#asksVersion) this.#version = askManager(this.#manager, 'Version');
    this.#manager.bus.flush();
    return this.#manager;
  }

  /** @param mount where the hierarchy is mounted */
  factsOf(mount: string): SystemdFacts {
    if (this.#facts) return this.#facts;
    const { manager } = this;
    const version = this.#version && manager ? versionOf(this.#version()) : Infinity;
    return (this.#facts = { version, bfq: sys.exists(At.FDCWD, `${mount}/init.scope/io.bfq.weight`) });
  }

  close(): void {
    this.#manager?.bus.close();
    this.#manager = undefined;
  }
}
