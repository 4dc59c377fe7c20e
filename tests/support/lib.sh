# SPDX-License-Identifier: Apache-2.0
# lib.sh - what the test scripts share; sourced by sh and by bats.

: "${CT_TESTS:?the tests folder of the source tree}"
CT_SUPPORT=$CT_TESTS/support

# Downloads and images that are the same for every run.
ct_cache_dir() {
  CT_CACHE=${CORACLE_TEST_CACHE:-/var/tmp/coracle-test}
  if ! mkdir -p "$CT_CACHE" 2>/dev/null || [ ! -w "$CT_CACHE" ]; then
    CT_CACHE=/var/tmp/coracle-test-$(id -u)
    mkdir -p "$CT_CACHE"
  fi
  export CT_CACHE
}

# The built programs: CORACLE, or the build directory, or the search path.
ct_find_programs() {
  CT_BUILD=${CT_BUILD:-${CT_TESTS%/*}/build}
  if [ -z "${CORACLE:-}" ]; then
    CORACLE=$CT_BUILD/cmd/coracle/coracle
    [ -x "$CORACLE" ] || CORACLE=$(command -v coracle || echo "$CORACLE")
  fi
  CT_LIST_TREE=${CT_LIST_TREE:-$CT_BUILD/tests/support/list-tree}
  export CT_BUILD CORACLE CT_LIST_TREE
}

die() {
  echo "$0: $*" >&2
  exit 1
}

# A TCP port on loopback that nobody uses now.
free_port() {
  perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
    Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 0)->sockport'
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  ct_tries=$(($1 * 20))
  shift
  while ! "$@" >/dev/null 2>&1; do
    ct_tries=$((ct_tries - 1))
    [ "$ct_tries" -gt 0 ] || return 1
    sleep 0.05
  done
}

# One OCI layout per folder. Everything below is plain files and jq.
layout_new() {
  mkdir -p "$1/blobs/sha256"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout"
  echo '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}' \
    >"$1/index.json"
}

# layout_blob DIR FILE TYPE: stores FILE and prints its descriptor.
layout_blob() {
  ct_hex=$(sha256sum <"$2" | cut -c1-64)
  cp "$2" "$1/blobs/sha256/$ct_hex"
  jq -nc --arg t "$3" --arg d "sha256:$ct_hex" --argjson s "$(stat -c %s "$2")" \
    '{mediaType: $t, digest: $d, size: $s}'
}

# layout_layer DIR TAR none|gzip|zstd: appends to DIR/layers (descriptors) and DIR/diff_ids.
layout_layer() {
  printf 'sha256:%s\n' "$(sha256sum <"$2" | cut -c1-64)" >>"$1/diff_ids"
  case $3 in
  none) ct_suffix='' && cp "$2" "$1/layer" ;;
  gzip) ct_suffix=+gzip && gzip -6 -n -c "$2" >"$1/layer" ;;
  zstd) ct_suffix=+zstd && zstd -q -6 -c "$2" >"$1/layer" ;;
  esac
  layout_blob "$1" "$1/layer" "application/vnd.oci.image.layer.v1.tar$ct_suffix" >>"$1/layers"
  rm "$1/layer"
}

# layout_image DIR TAG PLATFORM CONFIG: an image of the layers so far; PLATFORM is
# OS/ARCH[/VARIANT], CONFIG the JSON object of the same name.
layout_image() {
  # shellcheck disable=SC2046
  set -- "$@" $(echo "$3" | tr / ' ')
  jq -nc --arg os "$5" --arg arch "$6" --arg variant "${7:-}" --argjson config "$4" \
    --rawfile ids "$1/diff_ids" '($ids | split("\n") | map(select(. != ""))) as $diff |
    {created: "2024-02-03T04:05:06Z", author: "tests", architecture: $arch, os: $os,
     config: $config, rootfs: {type: "layers", diff_ids: $diff},
     history: [$diff[] | {created: "2024-02-03T04:05:06Z", created_by: "layer"}]}
    + if $variant == "" then {} else {variant: $variant} end' >"$1/config"
  ct_config=$(layout_blob "$1" "$1/config" application/vnd.oci.image.config.v1+json)
  jq -nc --argjson config "$ct_config" --slurpfile layers "$1/layers" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: $config, layers: $layers}' >"$1/manifest"
  ct_manifest=$(layout_blob "$1" "$1/manifest" application/vnd.oci.image.manifest.v1+json)
  jq -c --arg tag "$2" --arg os "$5" --arg arch "$6" --arg variant "${7:-}" \
    --argjson m "$ct_manifest" '.manifests += [$m + {
      platform: ({os: $os, architecture: $arch} +
        if $variant == "" then {} else {variant: $variant} end),
      annotations: {"org.opencontainers.image.ref.name": $tag}}]' "$1/index.json" >"$1/index.new"
  mv "$1/index.new" "$1/index.json"
  rm -f "$1/config" "$1/manifest" "$1/layers" "$1/diff_ids"
}

host_arch() {
  case $(uname -m) in
  x86_64) echo amd64 ;;
  aarch64) echo arm64 ;;
  *) uname -m ;;
  esac
}
