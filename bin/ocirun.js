#!/usr/bin/env node
// ocirun on Node.js: the same scripts as in the standalone binary (npm run build makes them), on the same addon.
import { createRequire } from 'node:module';

createRequire(import.meta.url)('../addon/node-host.cjs').main();
