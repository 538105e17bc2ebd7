/** Where in a trace something happens (W3C Trace Context, "traceparent"). */
export interface TraceParent {
  /** 32 and 16 hexadecimal digits, neither all zeros. */
  readonly traceId: string;
  readonly spanId: string;
  /** Whether the caller records its part. */
  readonly sampled: boolean;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** What TRACEPARENT says; undefined for what is no such text, which the specification wants ignored. */
export function parseTraceParent(text: string | undefined): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = form.exec(text ?? '') ?? [];
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  // Later versions may have more fields, this one has none.
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 };
}

/** The text for somebody further down. */
export const formatTraceParent = ({ traceId, spanId, sampled }: TraceParent): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
