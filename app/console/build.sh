#!/usr/bin/env bash
# Builds the console into pages/dist, from where it is embedded into the program. Does nothing when the sources are those of the
# last build. Needs Node 20.19 or later and npm; the packages are installed by the lock file.
set -euo pipefail
cd "$(dirname "$0")"

if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts --loglevel=error
	cp package-lock.json node_modules/.installed
fi

stamp=$({ find src public console index.html package-lock.json ./*.ts ./*.mjs ../../api/openapi.yaml -type f ! -name schema.d.ts -print0; } |
	LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
[ -e pages/dist/index.html ] && [ -e src/api/schema.d.ts ] && [ "$(cat .stamp 2>/dev/null)" = "$stamp" ] && exit 0

npm run --silent api >/dev/null
npm run --silent bundle
echo "$stamp" >.stamp
