// Makes addon/generated/plan.h from src/plan/steps.ts and src/plan/protocol.ts: one table of numbers for both sides.
// With --check: fails where the committed header is not what would be made.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'addon/generated/plan.h');

const { outputFiles } = buildSync({
  stdin: { contents: "export * from './src/plan/steps.ts'; export * from './src/plan/protocol.ts';", resolveDir: root },
  bundle: true,
  format: 'esm',
  write: false,
});
const { ops, slots, kinds, layout, recordLimit, asks, timesPerRecord } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`
);

const constant = (name) => `k${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const enumeration = (name, type, table) =>
  [
    `enum class ${name} : ${type} {`,
    ...Object.entries(table).map(([key, value]) => `    ${constant(key)} = ${value},`),
    '};',
  ].join('\n');

const header = `// Made by tools/generate.mjs from src/plan/steps.ts and src/plan/protocol.ts. Do not edit.
#pragma once

#include <stdint.h>

namespace ocirun {

${enumeration('Op', 'uint16_t', ops)}

constexpr uint16_t kLastOp = ${Math.max(...Object.values(ops))};

${enumeration('Kind', 'uint32_t', kinds)}

constexpr uint32_t kSlotLimit = ${slots.limit};
constexpr uint32_t kRecordLimit = ${recordLimit};
constexpr uint32_t kTimesPerRecord = ${timesPerRecord};
constexpr uint32_t kAskDigest = ${asks.digest};
constexpr uint32_t kAskTimes = ${asks.times};
constexpr uint32_t kPlanMagic = 0x${layout.magic.toString(16)};
constexpr uint32_t kPlanVersion = ${layout.version};
constexpr uint32_t kPlanHeader = ${layout.header};
constexpr uint32_t kStepHeader = ${layout.step};

}  // namespace ocirun
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') === header) process.exit(0);
  console.error('addon/generated/plan.h is stale: run `npm run generate`');
  process.exit(1);
}
writeFileSync(target, header);
