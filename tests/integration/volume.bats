#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# volume create, inspect, ls, prune and rm; volume exists is in exists.bats.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
  coracle volume rm -fa >/dev/null 2>&1 || :
}

# bats test_tags=shared
@test "create: the name comes back, or a new one" {
  prints data coracle volume create data
  fails 125 "volume with name data already exists: volume already exists" coracle volume create data
  prints_id coracle volume create
  prints_lines "data"$'\n'"$id" coracle volume ls -q
  fails 125 "names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*" coracle volume create bad/name
  fails 125 "accepts at most 1 arg(s), received 2" coracle volume create one two
  prints_lines "data"$'\n'"$id" coracle volume ls -q
}

# bats test_tags=shared
@test "inspect: fields, labels, the place on disk" {
  prints data coracle volume create --label a=b -l c= data
  prints "data local local map[a:b c:] map[] false" coracle volume inspect \
    --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels}} {{.Options}} {{.Anonymous}}' data
  place=$(coracle volume inspect --format '{{.Mountpoint}}' data)
  prints "" coracle run --rm --network none -v data:/v "$BB" sh -c 'echo kept >/v/file'
  assert_equal "$(cat "$place/file")" kept
  prints_id coracle volume create
  prints_lines "data"$'\n'"$id" coracle volume inspect --all --format '{{.Name}}'
  run --separate-stderr coracle volume inspect data
  assert_status 0
  assert_equal "$(jq -r '.[] | .Name + " " + .Labels.a' <<<"$output")" "data b"
  run --separate-stderr coracle volume inspect nobody
  assert_status 125
  assert_error "no such volume"
}

# bats test_tags=shared
@test "ls: formats and filters" {
  coracle volume create --label kind=first one
  coracle volume create --label kind=second two
  coracle create --name c --network none -v two:/v "$BB" true
  prints_lines $'one local first\ntwo local second' coracle volume ls --format '{{.Name}} {{.Driver}} {{.Labels.kind}}'
  prints one coracle volume ls -q --filter label=kind=first
  prints_lines $'one\ntwo' coracle volume ls -q -f label=kind
  prints two coracle volume ls -q -f name=tw
  prints one coracle volume ls -q -f dangling=true
  prints two coracle volume ls -q -f dangling=false
  prints "" coracle volume ls -q -f driver=other
  run --separate-stderr coracle volume ls
  assert_status 0
  assert_equal "$(tr -s ' ' <<<"$output" | sort)" $'DRIVER VOLUME NAME\nlocal one\nlocal two'
  assert_stderr ""
  run --separate-stderr coracle volume ls -f color=red
  assert_status 125
  assert_output ""
}

# bats test_tags=shared
@test "rm: 1 for what is not there, 2 for what is used, -f takes the container" {
  prints one coracle volume create one
  prints two coracle volume create two
  prints_id coracle create --name c --network none -v two:/v "$BB" true
  prints one coracle volume rm one
  fails 1 'no volume with name "one" found: no such volume' coracle volume rm one
  prints "" coracle volume rm -f one
  fails 2 "volume two is being used by" coracle volume rm two
  prints two coracle volume rm --force two
  assert_gone c
  prints "" coracle volume ls -q
  fails 125 "choose either one or more volumes or all" coracle volume rm
  prints one coracle volume create one
  run --separate-stderr coracle volume rm nobody one
  assert_status 1
  assert_output one
  assert_error "no such volume"
}

# bats test_tags=shared
@test "rm --all, prune: those that nobody uses" {
  coracle volume create one
  coracle volume create two
  coracle create --name c --network none -v two:/v -v /anonymous "$BB" true
  prints one coracle volume prune -f
  prints "" coracle volume prune -f
  assert_equal "$(coracle volume ls -q | wc -l)" 2
  coracle rm c
  assert_equal "$(coracle volume ls -q | wc -l)" 2
  assert_equal "$(coracle volume rm --all | wc -l)" 2
  prints "" coracle volume ls -q
}
