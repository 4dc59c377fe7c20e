# SPDX-License-Identifier: Apache-2.0
# What both benchmarks need: an ordinary user, podman made to work, registries, a store.

CT_TESTS=$(cd "$(dirname "$0")/.." && pwd)
export CT_TESTS
. "$CT_TESTS/support/lib.sh"
. "$CT_TESTS/support/user.sh"
. "$CT_TESTS/support/podman.sh"

# As root: into the namespace that podman wants, then on as the test user.
bench_enter() {
  if [ "$(id -u)" != 0 ]; then
    return
  fi
  test_user_prepare
  test_user_can_read "$CT_TESTS" || die "$TEST_USER cannot read $CT_TESTS"
  podman_enter sh "$0" "$@"
  run_as_test_user sh "$CT_TESTS/bench/${0##*/}" "$@"
  exit
}

bench_end() {
  [ ! -e "$BENCH/podman" ] || podman unshare rm -rf "$BENCH/podman" 2>/dev/null
  "$CORACLE" unshare rm -rf "$XDG_DATA_HOME" "$BENCH/out" 2>/dev/null
  "$CORACLE" system migrate >/dev/null 2>&1
  "$CT_SUPPORT/fixtures" down "$BENCH/fixtures"
  chmod -R u+rwX "$BENCH" "$BENCH_RUN" 2>/dev/null
  rm -rf "$BENCH" "$BENCH_RUN"
}

# Both tools get stores side by side on the same file system, run directories on the same tmpfs.
bench_begin() {
  ct_find_programs
  ct_cache_dir
  [ -x "$CORACLE" ] || die "$CORACLE is not built"
  INTERLEAVE=${CT_INTERLEAVE:-$CT_BUILD/tests/bench/interleave}
  BENCH=$(mktemp -d /var/tmp/cb.XXXXXX)
  BENCH_RUN=$(mktemp -d /dev/shm/cb.XXXXXX 2>/dev/null || mktemp -d /tmp/cb.XXXXXX)
  trap bench_end EXIT
  trap 'exit 130' INT TERM HUP
  "$CT_SUPPORT/fixtures" up "$BENCH/fixtures"
  . "$BENCH/fixtures/env"
  export XDG_RUNTIME_DIR="$BENCH_RUN" XDG_DATA_HOME="$BENCH/data" XDG_CONFIG_HOME="$BENCH/config"
  export HOME="$BENCH/home" INTERLEAVE CT_DEBIAN REG
  mkdir -p "$XDG_CONFIG_HOME" "$HOME" "$BENCH/podman"
  chmod 0700 "$BENCH_RUN"
  podman_configure "$XDG_CONFIG_HOME" "$BENCH/podman/root" "$BENCH_RUN/podman"
}

# field NAME FILE: the median of NAME in microseconds.
median() {
  awk -v n="$1" '$1 == n { print $2 }' "$2"
}

show_times() {
  awk '{ printf "%-28s median %9.2f ms   min %9.2f   max %9.2f   failures %d\n",
    $1, $2 / 1000, $3 / 1000, $4 / 1000, $5; if ($5) bad = 1 } END { exit bad }' "$1"
}

# within FILE OURS THEIRS LIMIT: prints ours/theirs; fails when it is above LIMIT.
within() {
  awk -v a="$2" -v b="$3" -v limit="$4" '$1 == a { x = $2 } $1 == b { y = $2 }
    END {
      if (!x || !y) { printf "MISSED %s / %s: not measured\n", a, b; exit 1 }
      met = x / y <= limit
      printf "%s %s / %s = %.3f, may be %.3f\n", met ? "met   " : "MISSED", a, b, x / y, limit
      exit !met
    }' "$1"
}
