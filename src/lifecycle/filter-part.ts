/** The part that makes filters of system calls: asked where the document has `linux.seccomp`. */
export { handOverListener } from './listener.ts';
export { seccompFeatures } from './seccomp-features.ts';
export { filterVerdict, systemCallFilter } from './system-call-filter.ts';
