#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A process of coracle is killed in front of every single call that changes what is on disk
# (pkg/base/fault.c), one after the other. Whatever the number, the world is true afterwards, the
# command can be repeated, and nothing is left once all containers are removed.

load helpers

setup_file() {
  file_setup busybox:latest
  FAULTY=$CT_BUILD/tests/fault
  [ -x "$FAULTY/coracle" ] || { echo "$FAULTY/coracle is not built" >&2; return 1; }
  libexec=$CT_HOME/libexec
  mkdir -p "$libexec/cni"
  for program in keeper init seccomp; do
    ln -s "$CT_BUILD/cmd/coracle-$program/coracle-$program" "$libexec"
  done
  ln -s "$FAULTY/coracle-image" "$FAULTY/coracle-monitor" "$libexec"
  ln -s "$FAULTY/cni/slirp" "$libexec/cni"
  # What the first container of a store makes once for all.
  bb true
  export FAULTY FAULT_LIBEXEC=$libexec CORACLE_FAULT_REPORT=$CT_HOME/report
  PORT=$(free_port)
  export PORT
}

teardown_file() {
  file_teardown
}

boundaries() {
  bash "$CT_TESTS/fault/boundaries" "$@"
}

@test "the hook is in the programs of this test, and not in those that are installed" {
  : >"$CORACLE_FAULT_REPORT"
  export CORACLE_FAULT=coracle:1
  run -137 "$FAULTY/coracle" create --network none "$BB"
  grep -q '^coracle 1 ' "$CORACLE_FAULT_REPORT"
  grep -q CORACLE_FAULT "$FAULTY/coracle"
  ! grep -rq CORACLE_FAULT "$CT_BUILD/cmd" "$CT_BUILD/netplugins"
}

@test "create" {
  boundaries create 5 coracle
}

@test "create with a volume of its own and a named one" {
  boundaries create_volumes 10 coracle
}

@test "run -d with the default network and a port, to its end" {
  boundaries run_detached 15 coracle coracle-monitor slirp
}

@test "run --rm with the default network and a port" {
  boundaries run_rm 15 coracle coracle-monitor slirp
}

@test "start" {
  boundaries start 8 coracle coracle-monitor slirp
}

@test "restart" {
  boundaries restart 8 coracle coracle-monitor slirp
}

@test "rm" {
  boundaries rm 8 coracle
}

@test "rm -f of one that runs" {
  boundaries rm_running 8 coracle slirp
}

@test "rename" {
  boundaries rename 4 coracle
}

@test "exec, attached and detached" {
  boundaries exec 4 coracle coracle-exec
  boundaries exec_detached 4 coracle coracle-exec
}

@test "commit" {
  boundaries commit 7 coracle coracle-image
}

@test "import" {
  boundaries import 10 coracle coracle-image
}

@test "pull" {
  boundaries pull 10 coracle coracle-image
}

@test "tag, rmi" {
  boundaries tag 3 coracle
  boundaries rmi 5 coracle
}

@test "volume create, volume rm" {
  boundaries volume_create 4 coracle
  boundaries volume_rm 3 coracle
}
