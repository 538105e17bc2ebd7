import type { Json } from './json-text.ts';

const averages = ['avg10', 'avg60', 'avg300'] as const;

/** "some avg10=0.00 avg60=0.12 avg300=0.00 total=1234" */
function stall(text: string, kind: 'some' | 'full'): Json {
  const line = text.split('\n').find((each) => each.startsWith(`${kind} `)) ?? '';
  const value = (key: string): string => new RegExp(` ${key}=([0-9.]+)`).exec(line)?.[1] ?? '0';
  const means = averages.map((key) => [key, Number(value(key))] as const);
  return { ...Object.fromEntries(means), total: BigInt(value('total').replace(/\..*/, '')) };
}

/** Pressure stall information (psi.rst); undefined where the kernel keeps none. */
export const pressure = (text: string | undefined): Json =>
  text ? { some: stall(text, 'some'), full: stall(text, 'full') } : undefined;
