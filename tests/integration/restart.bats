#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# restart: with and without stopping, and what it says.

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

started_at() {
  coracle inspect --format '{{.State.StartedAt}}' "$1"
}

@test "restart: one that runs runs anew, one that does not is started, both are echoed" {
  coracle run -d --name a --network none "$BB" sleep 100
  before=$(started_at a)
  run -0 --separate-stderr coracle restart -t 0 a
  [ "$output" = a ]
  [ -z "$stderr" ]
  [ "$(started_at a)" != "$before" ]
  [ "$(coracle inspect --format '{{.State.Status}}' a)" = running ]
  coracle stop -t 0 a
  run -0 coracle restart a
  [ "$(coracle inspect --format '{{.State.Status}}' a)" = running ]
}

@test "restart --running leaves the others alone; an unknown one is an error" {
  coracle run -d --name a --network none "$BB" sleep 100
  coracle create --name b --network none "$BB" sleep 100
  run -0 coracle restart --running -t 0
  [ "$(coracle inspect --format '{{.State.Status}}' b)" = created ]
  run --separate-stderr coracle restart nobody
  failed_with 125 "no such container"
}

# bats test_tags=shared
@test "the name as given comes back; several, --latest, --all, --running" {
  prints_id coracle run -d --name one --network none "$BB" sleep 1000
  one=$id
  prints_id coracle create --name two --network none "$BB" sh -c 'echo up; exec sleep 1000'
  two=$id
  pid=$(coracle inspect --format '{{.State.Pid}}' one)
  prints one coracle restart -t 0 one
  assert_state one running
  [ "$(coracle inspect --format '{{.State.Pid}}' one)" != "$pid" ]
  assert_state two created
  prints "$two" coracle container restart -t 0 --latest
  assert_state two running
  prints_lines $'one\ntwo' coracle restart -t 0 one two
  prints_lines "$one"$'\n'"$two" coracle restart -t 0 --all
  wait_for 10 sh -c "[ \"\$('$CORACLE' logs two | wc -l)\" = 3 ]"
  prints $'up\nup\nup' coracle logs two
}

# bats test_tags=shared
@test "what cannot be restarted" {
  fails 125 'no container with name or ID "nobody" found: no such container' coracle restart nobody
  fails 125 "you must provide at least one name or id" coracle restart
  fails 125 "no arguments are needed with --all" coracle restart --all nobody
}

@test "start and rename, the first commands after the monitor was killed" {
  for verb in start 'rename a b'; do
    set -- $verb
    coracle run -d --name a --network none "$BB" sleep 100
    kill -KILL "$(coracle inspect --format '{{.State.ConmonPid}}' a)"
    run -0 --separate-stderr timeout 20 "$CORACLE" "$1" a ${3:+"$3"}
    [ -z "$stderr" ]
    coracle rm -fa -t 0
  done
}
