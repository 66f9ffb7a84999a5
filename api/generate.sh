#!/bin/sh
# Generates everything that follows from the protos under api:
#   *.pb.go and *_grpc.pb.go beside each proto, and api/openapi.yaml over all services.
# Usage: api/generate.sh        (from anywhere; needs protoc 3.21.12 and Go)
#
# The plugins are installed by version into a cache outside the tree, because as
# tools of the module they would drag their dependencies into go.mod.
# Everything is generated into a temporary folder first: a proto with an error
# changes nothing, and unchanged files keep their time stamps.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

PROTOC_VERSION=3.21.12 # the version is written into the generated files
BIN=${HOTLINE_BIN:-$(go env GOCACHE)/hotline-bin}
NOT_OURS='^api/third_party/'

[ "$(protoc --version)" = "libprotoc $PROTOC_VERSION" ] || {
	echo "generate: protoc $PROTOC_VERSION is needed (Debian: apt install protobuf-compiler libprotobuf-dev)" >&2
	exit 1
}

# plugin PACKAGE MODULE VERSION installs one plugin unless that version is there.
plugin() {
	if ! go version -m "$BIN/${1##*/}" 2>/dev/null | grep -q "^	mod	$2	$3	"; then
		GOBIN=$BIN GOFLAGS= go install "$1@$3"
	fi
}
plugin google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/protobuf v1.36.12
plugin google.golang.org/grpc/cmd/protoc-gen-go-grpc google.golang.org/grpc/cmd/protoc-gen-go-grpc v1.6.2
plugin github.com/google/gnostic/cmd/protoc-gen-openapi github.com/google/gnostic v0.7.1

OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT
mkdir "$OUT/go" "$OUT/openapi"

# Without -I's prefix, so that the names are those of the imports ("access/access.proto").
PROTOS=$(find api -name '*.proto' | grep -v "$NOT_OURS" | sed 's|^api/||' | sort)
[ -n "$PROTOS" ] || { echo "generate: no protos under api" >&2; exit 1; }

PATH=$BIN:$PATH
# shellcheck disable=SC2086 # one word per proto is meant
protoc -I api -I api/third_party \
	--go_out="$OUT/go" --go_opt=paths=source_relative \
	--go-grpc_out="$OUT/go" --go-grpc_opt=paths=source_relative \
	$PROTOS

# The scratch service of rest's own tests is no part of the public contract.
PUBLIC=$(echo "$PROTOS" | grep -v '^rest/')
# shellcheck disable=SC2086
protoc -I api -I api/third_party \
	--include_imports --include_source_info --descriptor_set_out="$OUT/descriptors.pb" \
	--openapi_out="$OUT/openapi" \
	--openapi_opt=naming=json,enum_type=string,fq_schema_naming=true,default_response=false \
	$PUBLIC
# gnostic leaves much to mend, see api/rest/openapi.
go run ./api/rest/openapi -descriptors "$OUT/descriptors.pb" <"$OUT/openapi/openapi.yaml" >"$OUT/go/openapi.yaml"

# Take over what changed …
(cd "$OUT/go" && find . -type f | sed 's|^\./||') | while read -r f; do
	cmp -s "$OUT/go/$f" "api/$f" || { mkdir -p "$(dirname "api/$f")"; cp "$OUT/go/$f" "api/$f"; echo "generated api/$f"; }
done
# … and remove what has no proto any more.
find api -name '*.pb.go' | sed 's|^api/||' | while read -r f; do
	[ -e "$OUT/go/$f" ] || { rm "api/$f"; echo "removed api/$f"; }
done
