# SPDX-License-Identifier: Apache-2.0
# Loaded by every .bats file: a store of its own for the file, and what the tests ask again and again.

bats_require_minimum_version 1.5.0
CT_TESTS=${CT_TESTS:-$(cd "$BATS_TEST_DIRNAME/.." && pwd)}
. "$CT_TESTS/support/lib.sh"
. "$CT_TESTS/support/podman.sh"
load assert
ct_find_programs
ct_cache_dir

# file_setup [IMAGE...]: run it in setup_file. Images are names below test/ of the plain registry.
file_setup() {
  command -v "$CORACLE" >/dev/null || { echo "$CORACLE is not built" >&2; return 1; }
  CT_HOME=$(mktemp -d /var/tmp/cr.XXXXXX)
  export CT_HOME
  export XDG_DATA_HOME=$CT_HOME/data XDG_CONFIG_HOME=$CT_HOME/config XDG_RUNTIME_DIR=$CT_HOME/run
  export HOME=$CT_HOME/home
  mkdir -m 0700 "$XDG_RUNTIME_DIR" "$XDG_CONFIG_HOME" "$HOME"
  # Real root's containers are somebody else, who has to get through to directories of their own.
  [ "$(id -u)" != 0 ] || chmod 0711 "$CT_HOME" "$XDG_RUNTIME_DIR"
  unset REGISTRY_AUTH_FILE DOCKER_CONFIG
  if [ -z "${REG:-}" ]; then
    "$CT_SUPPORT/fixtures" up "$CT_HOME/fixtures" 3>&-
    . "$CT_HOME/fixtures/env"
  fi
  is_coracle || podman_configure "$XDG_CONFIG_HOME" "$CT_HOME/data/podman" "$CT_HOME/run/podman"
  BB=$REG/test/busybox:latest
  DEB=$REG/test/debian:docker
  export BB DEB
  for image; do
    "$CORACLE" pull -q "$REG/test/$image" 3>&-
  done
}

file_teardown() {
  [ -n "${CT_HOME:-}" ] || return 0
  "$CORACLE" rm -fa -t 0 >/dev/null 2>&1 3>&-
  "$CORACLE" unshare find "$CT_HOME" -mindepth 1 -maxdepth 1 ! -name run ! -name fixtures -exec rm -rf {} + \
    >/dev/null 2>&1 3>&-
  "$CORACLE" system migrate >/dev/null 2>&1 3>&-
  [ ! -e "$CT_HOME/fixtures" ] || "$CT_SUPPORT/fixtures" down "$CT_HOME/fixtures"
  chmod -R u+rwX "$CT_HOME" 2>/dev/null
  rm -rf "$CT_HOME"
}

# Shared tests run with podman, too; what is tested is always called coracle in them.
is_coracle() {
  [ "${CORACLE##*/}" != podman ]
}

coracle() {
  "$CORACLE" "$@"
}

# The usual container: busybox, removed afterwards, without network.
bb() {
  "$CORACLE" run --rm --network none "$BB" "$@"
}

# small_tree FILE: a tar of one file, to make images of that nothing else is made of.
small_tree() {
  echo data >"$CT_HOME/file"
  tar -C "$CT_HOME" --owner=0 --group=0 --mtime=@1600000000 -cf "$1" file
}

need_debian() {
  [ -n "${CT_DEBIAN:-}" ] || skip "no Debian image: mmdebstrap could not make one"
}

need_command() {
  command -v "$1" >/dev/null || skip "$1 is not installed"
}

# The last "run" ended with STATUS, and what it said on standard error is one line: "Error: " and
# something that holds TEXT.
failed_with() {
  [ "$status" = "$1" ] || { echo "status $status, not $1: $output${stderr:+ / $stderr}"; return 1; }
  is_error_line "${stderr-$output}" "$2"
}

is_error_line() {
  case $1 in
  *$'\n'*) echo "more than a line: $1"; return 1 ;;
  "Error: "*"$2"*) ;;
  *) echo "not \"Error: ...$2\": $1"; return 1 ;;
  esac
}

# The same after a wrong flag, where podman, and so we, name the help of "coracle VERB" in a second line.
failed_usage() {
  [ "$status" = 125 ] || { echo "status $status, not 125: $output${stderr:+ / $stderr}"; return 1; }
  said=${stderr-$output}
  is_error_line "${said%$'\n'*}" "$2"
  [ "${said##*$'\n'}" = "See 'coracle${1:+ $1} --help'" ] || { echo "no such hint: $said"; return 1; }
}

# A layout served by bad-registry: bad_registry_start; then $BAD is HOST:PORT, $BAD_DIR its folder.
bad_registry_start() {
  BAD_DIR=$CT_HOME/bad
  mkdir -p "$BAD_DIR"
  "$CT_SUPPORT/bad-registry" "$BAD_DIR" >/dev/null 2>&1 3>&- &
  BAD_PID=$!
  wait_for 5 test -s "$BAD_DIR/port"
  BAD=127.0.0.1:$(cat "$BAD_DIR/port")
  export BAD BAD_DIR BAD_PID
}

bad_registry_stop() {
  # Its children as well: one may be in the middle of a long silence.
  [ -z "${BAD_PID:-}" ] || pkill -P "$BAD_PID" 2>/dev/null || :
  [ -z "${BAD_PID:-}" ] || kill "$BAD_PID" 2>/dev/null || :
}

# bad_image NAME TAR [none|gzip|zstd]: a layout BAD_DIR/NAME with that one layer.
bad_image() {
  layout_new "$BAD_DIR/$1"
  layout_layer "$BAD_DIR/$1" "$2" "${3:-gzip}"
  layout_image "$BAD_DIR/$1" latest "linux/$(host_arch)" '{"Cmd":["sh"]}'
}

# is_running PID: it is there and has not ended. What ended may stay a zombie for a while, until the
# machine's pid 1, which inherits our monitors, gets round to it.
is_running() {
  state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
  [ -n "$state" ] && [ "$state" != Z ] && [ "$state" != X ]
}

has_ended() {
  ! is_running "$1"
}

has_no_process_of_session() {
  for pid in $(pgrep -s "$1"); do
    has_ended "$pid" || return 1
  done
}

# The process that holds the user namespace, if there is one.
keeper_pid() {
  jq -r .process.pid "$XDG_RUNTIME_DIR/coracle/keeper.json" 2>/dev/null
}

# Processes in the keeper's user namespace, the keeper left out.
container_processes() {
  keeper=$(keeper_pid) || return 0
  ns=$(readlink "/proc/$keeper/ns/user") || return 0
  for process in /proc/[0-9]*; do
    pid=${process#/proc/}
    [ "$(readlink "$process/ns/user" 2>/dev/null)" = "$ns" ] || continue
    [ "$pid" != "$keeper" ] && is_running "$pid" || continue
    echo "$pid $(tr '\0' ' ' 2>/dev/null <"$process/cmdline")"
  done
}

# has_memory_below KB PID...: each of the processes. Sanitizers take more (CT_MEMORY_FACTOR).
has_memory_below() {
  limit=$(($1 * ${CT_MEMORY_FACTOR:-1}))
  shift
  for pid; do
    kb=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
    [ "$kb" -lt "$limit" ] || { echo "$pid has $kb KB"; return 1; }
  done
}

has_no_container_process() {
  [ -z "$(container_processes)" ]
}

# Commands return when the container has ended; its monitor still has a few lines to go.
no_container_processes() {
  wait_for 10 has_no_container_process || { echo "left: $(container_processes)"; return 1; }
}

# Nothing of the store is mounted, neither here nor where the keeper is.
no_mounts() {
  keeper=$(keeper_pid) || keeper=
  ! grep "$CT_HOME" /proc/self/mountinfo ${keeper:+"/proc/$keeper/mountinfo"}
}

# Staging is empty and no partial image or container is there.
store_is_clean() {
  store=$XDG_DATA_HOME/coracle
  left=$(find "$store/staging" -mindepth 1 -maxdepth 1 2>/dev/null)
  [ -z "$left" ] || { echo "left in staging: $left"; return 1; }
}

# http_server PORT TEXT: answers every request with TEXT, in the background; sets HTTP_PID.
http_server() {
  printf '#!/bin/sh\nprintf "HTTP/1.0 200 OK\\r\\n\\r\\n%s\\n"\n' "$2" >"$CT_HOME/answer"
  chmod +x "$CT_HOME/answer"
  socat "TCP-LISTEN:$1,bind=${3:-127.0.0.1},reuseaddr,fork" "EXEC:$CT_HOME/answer" >/dev/null 2>&1 3>&- &
  HTTP_PID=$!
  wait_for 5 sh -c "socat -u OPEN:/dev/null TCP:127.0.0.1:$1"
}

# The id that is mapped to root inside: never 0 unless nothing is mapped.
first_subuid() {
  awk -F: -v u="$(id -un)" '$1 == u { print $2; exit }' /etc/subuid
}
