#!/bin/sh
# Checks api/openapi.yaml with Spectral and Redocly; any error or warning fails.
# Usage: api/lint/run.sh [FILE]        (from anywhere; needs Node 20.19 or later and npm)
# The tools are installed by the lock file on the first run and after it changed.
set -eu
FILE=$(realpath "${1:-$(dirname "$0")/../openapi.yaml}")
cd "$(dirname "$0")"

# Neither tool shall call home.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts
	cp package-lock.json node_modules/.installed
fi

# Both always run, so that one round shows all there is to mend.
status=0
node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity=warn "$FILE" || status=1
node_modules/.bin/redocly lint --config redocly.yaml --max-problems=100 "$FILE" || status=1
exit $status
