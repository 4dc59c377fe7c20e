#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# rename: a running container, a free name, a taken one.

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
@test "while it runs: the new name holds, the old one is free" {
  prints_id coracle run -d --rm --name old --network none "$BB" sleep 1000
  prints "" coracle rename old new
  assert_gone old
  prints new coracle ps --format '{{.Names}}'
  assert_inspect new '{{.Name}} {{.Id}}' "new $id"
  prints_id coracle create --name old --network none "$BB" true
  # --rm removes the new name.
  prints new coracle stop -t 0 new
  wait_for 10 sh -c "! '$CORACLE' container exists new"
  assert_gone new
  prints_id coracle create --name new --network none "$BB" true
}

# bats test_tags=shared
@test "taken, unknown, bad and missing names change nothing" {
  prints_id coracle create --name one --network none "$BB" true
  prints_id coracle create --name two --network none "$BB" true
  fails 125 "already in use" coracle rename one two
  fails 125 'no container with name or ID "nobody" found: no such container' coracle rename nobody three
  fails 125 "names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*" coracle rename one ../three
  fails 125 "names must match" coracle rename one ""
  fails 125 "accepts 2 arg(s), received 1" coracle rename one
  fails 125 "accepts 2 arg(s), received 3" coracle rename one two three
  prints "" coracle container rename one one
  prints_lines $'one\ntwo' coracle ps -a --format '{{.Names}}'
}

# bats test_tags=shared
@test "by the id, again and again" {
  prints_id coracle create --name first --network none "$BB" true
  prints "" coracle rename "$id" second
  prints "" coracle rename "${id:0:12}" third
  assert_gone first second
  assert_inspect third '{{.Id}} {{.Name}}' "$id third"
}
