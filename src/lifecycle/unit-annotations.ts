import type { Annotated } from '../cgroup/systemd/annotations.ts';
import { part } from '../sys/index.ts';

/** Properties of the unit that annotations ask for: those of hardly any container do. */
export const annotatedProperties = (annotations: Readonly<Record<string, string>> = {}): Annotated[] =>
  Object.keys(annotations).some((annotation) => annotation.startsWith('org.systemd.property.'))
    ? part('annotations').annotatedProperties(annotations)
    : [];
