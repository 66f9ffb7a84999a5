#!/usr/bin/env bash
# Fails when generated code is not what the sources generate.
set -euo pipefail
cd "$(dirname "$0")/.."

prints() { find api ent -type f \( -name "*.go" -o -name "*.yaml" \) -print0 | sort -z | xargs -0 sha256sum | sha256sum; }
before=$(prints)
api/generate.sh >/dev/null
(cd ent && go generate .)
if [ "$before" != "$(prints)" ]; then
	git --no-pager diff --stat -- api ent
	echo "verify: generated code is not current: run make generate and commit" >&2
	exit 1
fi
echo "verify: generated code is current"
