#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# container exists, image exists and volume exists: the exit code is the answer.

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

# says_no COMMAND...: 1, and not a word.
says_no() {
  run --separate-stderr "$@"
  assert_status 1
  assert_output ""
  assert_stderr ""
}

# bats test_tags=shared
@test "containers: by name, id and prefix, whatever their state" {
  says_no coracle container exists here
  prints_id coracle create --name here --network none "$BB" true
  prints "" coracle container exists here
  prints "" coracle container exists "$id"
  prints "" coracle container exists "${id:0:10}"
  coracle start -a here
  prints "" coracle container exists here
  coracle rm here
  says_no coracle container exists here
  says_no coracle container exists "$id"
  fails 125 "accepts 1 arg(s), received 0" coracle container exists
  fails 125 "accepts 1 arg(s), received 2" coracle container exists a b
}

# bats test_tags=shared
@test "images: by name, id and digest" {
  prints "" coracle image exists "$BB"
  id=$(coracle image inspect --format '{{.Id}}' "$BB")
  prints "" coracle image exists "$id"
  prints "" coracle image exists "${id:0:12}"
  prints "" coracle image exists "sha256:$id"
  says_no coracle image exists nothing
  says_no coracle image exists "${BB%:*}:other"
  fails 125 "accepts 1 arg(s), received 0" coracle image exists
}

# bats test_tags=shared
@test "volumes" {
  says_no coracle volume exists vol
  coracle volume create vol
  prints "" coracle volume exists vol
  coracle volume rm vol
  says_no coracle volume exists vol
  fails 125 "accepts 1 arg(s), received 0" coracle volume exists
}
