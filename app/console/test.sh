#!/usr/bin/env bash
# The console's own tests. Usage: app/console/test.sh BINARY (built with the console in it)
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")"
node_modules/.bin/vue-tsc --noEmit
node_modules/.bin/vitest run
HOTLINE_BINARY=$binary node_modules/.bin/vitest run --config vitest.browser.config.ts
