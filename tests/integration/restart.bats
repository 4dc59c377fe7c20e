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
