#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# container prune: what does not run, by label and age.

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
@test "what was made or has ended goes, what runs stays" {
  prints_id coracle run -d --name runs --network none "$BB" sleep 1000
  prints_id coracle create --name made --network none "$BB" true
  made=$id
  run -0 coracle run --name ended --network none "$BB" true
  ended=$(coracle inspect --format '{{.Id}}' ended)
  prints_lines "$made"$'\n'"$ended" coracle container prune --force
  assert_gone made ended
  assert_state runs running
  prints "" coracle container prune -f
}

# bats test_tags=shared
@test "by label and age" {
  prints_id coracle create --name one --label keep=yes --network none "$BB" true
  prints_id coracle create --name two --label keep=no --label other --network none "$BB" true
  two=$id
  prints_id coracle create --name three --label other --network none "$BB" true
  three=$id
  prints "" coracle container prune -f --filter until=1h
  prints "" coracle container prune -f --filter label=nobody
  prints "$two" coracle container prune -f --filter label=keep=no
  prints "$three" coracle container prune -f --filter label=other --filter "until=$(date -d 'now + 1 hour' +%s)"
  assert_state one created
  fails 125 "color is an invalid filter" coracle container prune -f --filter color=red
  fails 125 '"soon"' coracle container prune -f --filter until=soon
  fails 125 "takes no arguments" coracle container prune -f one
  assert_state one created
}

# bats test_tags=shared
@test "it asks first" {
  prints_id coracle create --name one --network none "$BB" true
  run bash -c "echo n | '$CORACLE' container prune"
  assert_status 0
  assert_state one created
  run bash -c "echo y | '$CORACLE' container prune"
  assert_status 0
  assert_match "$output" "$id"
  assert_gone one
}
