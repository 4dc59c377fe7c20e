#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill: any signal, and what cannot be killed.

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

# A container that answers SIGUSR1 and is not ended by it.
answering() {
  coracle run -d --network none --name "$1" "$BB" \
    sh -c 'trap "echo got USR1" USR1; echo ready; while :; do sleep 0.05; done' >/dev/null
  says "$1" ready
}

says() {
  wait_for 10 sh -c "'$CORACLE' logs '$1' | grep -q '$2'"
}

# bats test_tags=shared
@test "SIGKILL without a flag; the name comes back, the exit code says which signal" {
  answering victim
  prints victim coracle kill victim
  prints 137 coracle wait victim
  assert_state victim exited 137
  assert_inspect victim '{{.State.Running}} {{.State.Pid}}' "false 0"
}

# bats test_tags=shared
@test "signals by name, with SIG, by number, in small letters" {
  answering c
  prints c coracle kill --signal USR1 c
  prints c coracle kill -s SIGUSR1 c
  prints c coracle container kill -s 10 c
  prints c coracle kill -s usr1 c
  says c "got USR1"
  assert_state c running
  prints c coracle kill -s 9 c
  prints 137 coracle wait c
}

# bats test_tags=shared
@test "several, --all, --latest, --cidfile" {
  prints_id coracle run -d --network none --name one --cidfile "$CT_HOME/cid" "$BB" sleep 1000
  one=$id
  prints_id coracle run -d --network none --name two "$BB" sleep 1000
  two=$id
  prints_lines $'one\ntwo' coracle kill -s USR2 one two
  prints "$two" coracle kill --latest
  prints 137 coracle wait two
  prints "$one" coracle kill --cidfile "$CT_HOME/cid"
  prints 137 coracle wait one
  coracle start one two
  prints_lines "$one"$'\n'"$two" coracle kill --all
  prints_lines $'137\n137' coracle wait one two
}

# bats test_tags=shared
@test "what does not run, is not there or no signal is an error" {
  prints_id coracle create --name made --network none "$BB" true
  fails 125 "can only kill running containers. $id is in state created: container state improper" \
    coracle kill made
  assert_state made created
  coracle start -a made
  fails 125 "is in state exited: container state improper" coracle kill made
  fails 125 'no container with name or ID "nobody" found: no such container' coracle kill nobody
  fails 125 "you must provide at least one name or id" coracle kill
  fails 125 "invalid signal: NOPE" coracle kill -s NOPE made
}
