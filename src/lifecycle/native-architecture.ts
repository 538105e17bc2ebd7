import { type ArchitectureName, architectures } from '../seccomp-bpf-compiler/index.ts';
import { sys } from '../sys/index.ts';

/** The architecture of our own system calls; x32 shares its number with x86-64. */
export function nativeArchitecture(): ArchitectureName {
  const audit = sys.auditArchitecture();
  const names = Object.keys(architectures) as ArchitectureName[];
  return names.find(
    (name) => architectures[name].audit === audit && architectures[name].base === 0,
  ) as ArchitectureName;
}
