#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# wait: exit codes, conditions, unknown containers.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# bats test_tags=shared
@test "it waits for the end and prints the exit code, of each one named" {
  coracle run -d --name one --network none "$BB" sh -c 'sleep 0.3; exit 3' >/dev/null
  prints 3 coracle wait one
  assert_state one exited 3
  coracle run -d --name two --network none "$BB" sh -c 'sleep 0.3; exit 4' >/dev/null
  prints 4 coracle container wait --latest
  prints $'3\n4\n3' coracle wait one two one
  coracle run -d --name three --network none "$BB" sleep 1000 >/dev/null
  (sleep 0.5; coracle kill three >/dev/null) 3>&- &
  prints 137 coracle wait three
  wait
}

# bats test_tags=shared
@test "conditions" {
  coracle run -d --name c --network none "$BB" sleep 1000 >/dev/null
  prints -1 coracle wait --condition running c
  prints -1 coracle wait --condition exited --condition running c
  coracle stop -t 0 c
  prints 137 coracle wait --condition stopped c
  prints 137 coracle wait --condition exited --interval 20ms c
  prints 137 coracle wait --condition exited --interval 20 c
  fails 125 "unknown container state: asleep" coracle wait --condition asleep c
  fails 125 "" coracle wait --interval soon c
}

# bats test_tags=shared
@test "nobody to wait for" {
  fails 125 'no container with name or ID "nobody" found: no such container' coracle wait nobody
  fails 125 'wait" requires a name, id, or the "--latest" flag' coracle wait
}

# podman 4.3 knows "created" as a word only, and no --ignore.
@test "conditions that come to pass, and --ignore" {
  coracle create --name c --network none "$BB" sleep 1000
  (sleep 0.5; coracle start c >/dev/null) 3>&- &
  run -0 timeout 10 "$CORACLE" wait --condition running,exited c
  [ "$output" = -1 ]
  run -0 timeout 10 "$CORACLE" wait --condition created,running --interval 20ms c
  run -0 coracle wait --ignore nobody
  [ "$output" = -1 ]
}
