#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# start: created and ended containers, attached or not.

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
@test "the name as given comes back; it starts again after its end" {
  prints_id coracle create --name one --network none "$BB" sh -c 'echo run >>/runs; cat /runs; exit 4'
  prints one coracle start one
  prints 4 coracle wait one
  assert_state one exited 4
  prints "${id:0:12}" coracle container start "${id:0:12}"
  prints 4 coracle wait one
  # It has kept its files.
  prints $'run\nrun\nrun' coracle logs one
}

# bats test_tags=shared
@test "-a prints what it prints, -i feeds it, and the exit code is its own" {
  prints_id coracle create --name one --network none "$BB" sh -c 'echo out; echo err >&2; exit 4'
  run --separate-stderr coracle start -a one
  assert_status 4
  assert_output out
  assert_stderr err
  prints_id coracle create --name two -i --network none "$BB" cat
  prints fed bash -c "echo fed | '$CORACLE' start -ai two"
  assert_state two exited 0
}

# bats test_tags=shared
@test "several, --latest, --all" {
  prints_id coracle create --name one --network none "$BB" sleep 1000
  one=$id
  prints_id coracle create --name two --network none "$BB" sleep 1000
  two=$id
  prints "$two" coracle start --latest
  assert_state one created
  assert_state two running
  prints one coracle start one
  coracle stop -t 0 one two
  prints_lines $'one\ntwo' coracle start one two
  coracle stop -t 0 one two
  prints_lines "$one"$'\n'"$two" coracle start --all
  assert_state one running
  assert_state two running
}

# bats test_tags=shared
@test "what cannot be started" {
  prints_id coracle create --name none --network none "$BB" no-such-command
  fails 125 "executable file \`no-such-command\` not found in \$PATH" coracle start none
  fails 125 "executable file \`no-such-command\` not found" coracle start -a none
  prints none coracle rm none
  prints_id coracle create --name folder --network none "$BB" /etc
  run --separate-stderr coracle start folder
  assert_status 125
  fails 125 'no container with name or ID "nobody" found: no such container' coracle start nobody
  fails 125 "start requires at least one argument" coracle start
  fails 125 "you cannot start and attach multiple containers at once" coracle start -a folder nobody
  fails 125 "either start all containers or the container(s) provided" coracle start --all folder
  fails 125 "--latest and containers cannot be used together" coracle start --latest folder
}
