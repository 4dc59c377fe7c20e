#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# rm: what it refuses, what it takes along, and what it says.

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
@test "the name as given comes back, and is free" {
  prints_id coracle create --name one --network none "$BB" true
  prints one coracle rm one
  assert_gone one "$id"
  prints_id coracle create --name one --network none "$BB" true
  prints "${id:0:12}" coracle container rm "${id:0:12}"
  assert_gone one
  fails 1 'no container with name or ID "one" found: no such container' coracle rm one
  prints "" coracle rm --ignore one
  prints "" coracle rm -f one
  fails 125 "you must provide at least one name or id" coracle rm
}

# bats test_tags=shared
@test "what runs is refused, -f takes it" {
  prints_id coracle run -d --name busy --network none "$BB" sleep 1000
  fails 2 "cannot remove container $id as it is running" coracle rm busy
  assert_state busy running
  prints busy coracle rm -f -t 0 busy
  assert_gone busy
}

# bats test_tags=shared
@test "several, --all, --latest, --cidfile" {
  for name in one two three four five; do
    prints_id coracle create --name $name --network none --cidfile "$CT_HOME/$name.cid" "$BB" true
    eval "$name=$id"
  done
  prints "$five" coracle rm --latest
  assert_gone five
  prints_lines $'one\ntwo' coracle rm one two
  assert_gone one two
  prints "$three" coracle rm --cidfile "$CT_HOME/three.cid"
  assert_gone three
  coracle run -d --name runs --network none "$BB" sleep 1000
  run --separate-stderr coracle rm -a
  assert_status 2
  assert_state runs running
  assert_gone four
  prints "$(coracle ps -q --no-trunc)" coracle rm -fa -t 0
  prints "" coracle ps -aq
}

# bats test_tags=shared
@test "names beside --all, two selections, or --time without --force remove nothing" {
  prints_id coracle create --name one --network none "$BB" true
  fails 125 "no arguments are needed with --all" coracle rm --all one
  fails 125 "--latest and containers cannot be used together" coracle rm --latest one
  fails 125 "--all and --latest cannot be used together" coracle rm --all --latest
  fails 125 "--all, --latest, and --cidfile cannot be used together" coracle rm --all --cidfile /dev/null
  fails 125 "--force option must be specified to use the --time option" coracle rm -t 0 one
  assert_state one created
}

# bats test_tags=shared
@test "--filter chooses; --depend takes those along that need it" {
  prints_id coracle create --name one --label k=a --network none "$BB" true
  one=$id
  prints_id coracle create --name two --label k=b --network none "$BB" true
  prints "" coracle rm --filter label=k=c
  prints "$one" coracle rm --filter label=k=a
  assert_gone one
  assert_state two created
  fails 125 "color is an invalid filter" coracle rm --filter color=red
  prints_id coracle run -d --name base --network none "$BB" sleep 1000
  base=$id
  prints_id coracle run -d --name user --network container:base "$BB" sleep 1000
  fails 125 "container $base has dependent containers which must be removed before it: $id" coracle rm -f -t 0 base
  assert_state base running
  run --separate-stderr coracle rm -f -t 0 --depend base
  assert_status 0
  assert_match "$output" "$id"
  assert_gone base user
}

# bats test_tags=shared
@test "-v takes volumes without a name, and leaves those with one" {
  prints_id coracle create --name c --network none -v /anonymous -v named:/n "$BB" true
  assert_equal "$(coracle volume ls -q | wc -l)" 2
  prints c coracle rm -v c
  prints named coracle volume ls -q
  prints_id coracle create --name c --network none -v /anonymous "$BB" true
  prints c coracle rm c
  assert_equal "$(coracle volume ls -q | wc -l)" 2
  coracle volume prune -f
}

# bats test_tags=shared
@test "--rm leaves nothing" {
  run --separate-stderr coracle run --rm --name gone --network none -v /anonymous "$BB" sh -c 'exit 3'
  assert_status 3
  assert_gone gone
  prints "" coracle volume ls -q
  prints_id coracle run -d --rm --name gone --network none "$BB" sleep 1000
  prints gone coracle stop -t 0 gone
  wait_for 10 sh -c "! '$CORACLE' container exists gone"
  assert_gone gone "$id"
}
