#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# rmi: names and images, those in use, those that are not there.

load helpers

setup_file() {
  file_setup
  export CT_TREE=$CT_HOME/tree.tar
  small_tree "$CT_TREE"
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

imported() {
  coracle import -q "$CT_TREE" "$1" >/dev/null
  id=$(coracle image inspect --format '{{.Id}}' "$1")
}

# bats test_tags=shared
@test "the last name takes the image along, and it is told what went" {
  imported one
  coracle tag one two
  prints "Untagged: localhost/one:latest" coracle rmi one
  prints "" coracle image exists two
  prints "Untagged: localhost/two:latest"$'\n'"Deleted: $id" coracle image rm two
  prints "" coracle images -q
}

# bats test_tags=shared
@test "by id it takes all names with -f only" {
  imported one
  coracle tag one two
  run --separate-stderr coracle rmi "$id"
  assert_status 125
  assert_output ""
  assert_error "unable to delete image \"$id\" by ID with more than one tag"
  run --separate-stderr coracle rmi -f "$id"
  assert_status 0
  assert_output "Untagged: localhost/one:latest"$'\n'"Untagged: localhost/two:latest"$'\n'"Deleted: $id"
  prints "" coracle images -q
}

# bats test_tags=shared
@test "one that is used stays, -f takes its containers, too" {
  imported one
  prints_id coracle create --name c --network none one x
  one=$(coracle image inspect --format '{{.Id}}' one)
  fails 2 "image is in use by a container" coracle rmi one
  prints "" coracle image exists one
  prints "Untagged: localhost/one:latest"$'\n'"Deleted: $one" coracle rmi -f one
  assert_gone c
  prints "" coracle images -q
}

# bats test_tags=shared
@test "what is not there: 1, but those that are there go" {
  fails 1 "nobody: image not known" coracle rmi nobody
  prints "" coracle rmi -f nobody
  fails 125 "image name or ID must be specified" coracle rmi
  imported one
  run --separate-stderr coracle rmi nobody one
  assert_status 1
  assert_output "Untagged: localhost/one:latest"$'\n'"Deleted: $id"
  assert_error "nobody: image not known"
}

# bats test_tags=shared
@test "--all" {
  imported one
  one=$id
  echo more >"$CT_HOME/more"
  tar -C "$CT_HOME" -cf "$CT_HOME/other.tar" more
  coracle import -q "$CT_HOME/other.tar" other
  run --separate-stderr coracle rmi -a
  assert_status 0
  assert_match "$output" "Deleted: $one"
  prints "" coracle images -q
}
