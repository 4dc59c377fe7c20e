#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A process of coracle is killed in front of every single call that changes what is on disk
# (pkg/base/fault.c), one after the other. Whatever the number, the world is true afterwards, the
# command can be repeated, and nothing is left once all containers are removed. This is
# about containers, fault-store.bats about images and volumes.

load helpers
. "$CT_TESTS/fault/setup.bash"

setup_file() {
  fault_setup
}

teardown_file() {
  file_teardown
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
