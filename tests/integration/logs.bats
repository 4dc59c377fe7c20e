#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# logs: what a container wrote, all of it, the end of it, from a time on.

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

# wrote NAME [OPTION...] SCRIPT: a container that has written what SCRIPT writes.
wrote() {
  coracle run --name "$1" --network none "${@:2:$#-2}" "$BB" sh -c "${*: -1}" >/dev/null 2>&1
}

# bats test_tags=shared
@test "each stream to its own, byte for byte" {
  wrote c 'echo one; echo two >&2; printf "  three\\n\\n\ttab\\n"; printf end'
  run --separate-stderr coracle logs c
  assert_status 0
  assert_output $'one\n  three\n\n\ttab\nend'
  assert_stderr two
  prints "" coracle logs --until 2000-01-01 c
  assert_equal "$(coracle logs c 2>/dev/null | od -c)" "$(printf 'one\n  three\n\n\ttab\nend' | od -c)"
}

# bats test_tags=shared
@test "long lines and bytes that are no text" {
  wrote c 'head -c 100000 /dev/zero | tr "\\0" x; echo; printf "\\377\\0\\033[31m\\n"'
  assert_equal "$(coracle container logs c | md5sum)" \
    "$({ head -c 100000 /dev/zero | tr '\0' x; echo; printf '\377\0\033[31m\n'; } | md5sum)"
}

# bats test_tags=shared
@test "--tail, --since, --until, --timestamps" {
  wrote c 'for i in 1 2 3 4 5; do echo $i; done'
  prints $'4\n5' coracle logs --tail 2 c
  prints "" coracle logs --tail 0 c
  prints $'1\n2\n3\n4\n5' coracle logs --tail 100 c
  prints $'1\n2\n3\n4\n5' coracle logs --tail -1 c
  prints 5 coracle logs --tail 1 --latest
  prints $'1\n2\n3\n4\n5' coracle logs --since 10m c
  prints $'1\n2\n3\n4\n5' coracle logs --since 2000-01-01T00:00:00Z c
  prints "" coracle logs --since "$(($(date +%s) + 1000))" c
  # A span of --until counts from now on.
  prints $'1\n2\n3\n4\n5' coracle logs --until 10m c
  run --separate-stderr coracle logs -t --tail 1 c
  assert_match "$output" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9:]{5}) 5$'
}

# bats test_tags=shared
@test "several containers, with their ids or names" {
  wrote one 'echo first'
  wrote two 'echo second'
  one=$(coracle inspect --format '{{.Id}}' one)
  two=$(coracle inspect --format '{{.Id}}' two)
  prints_lines "${one:0:12} first"$'\n'"${two:0:12} second" coracle logs one two
  prints_lines $'one first\ntwo second' coracle logs --names one two
  prints first coracle logs -n one
}

# bats test_tags=shared
@test "-f goes on until the container ends" {
  coracle run -d --name c --network none "$BB" \
    sh -c 'echo begin; while [ ! -e /go ]; do sleep 0.05; done; echo end; exit 3' >/dev/null
  (sleep 0.7; coracle exec c touch /go) >/dev/null 3>&- &
  prints $'begin\nend' coracle logs -f c
  wait
  prints $'begin\nend' coracle logs --follow c
  assert_state c exited 3
}

# bats test_tags=shared
@test "all runs of a container are in its log" {
  prints_id coracle create --name c --network none "$BB" sh -c 'echo again'
  prints "" coracle logs c
  prints again coracle start -a c
  prints again coracle start -a c
  prints $'again\nagain' coracle logs c
}

# bats test_tags=shared
@test "whose log it is has to be known" {
  fails 125 'no container with name or ID "nobody" found: no such container' coracle logs nobody
  fails 125 "specify at least one container name or ID to log" coracle logs
  wrote c 'echo x'
  fails 125 "--latest and containers cannot be used together" coracle logs --latest c
  fails 125 "unable to interpret time value" coracle logs --since yesterday c
}

@test "log drivers" {
  coracle run -d --name k --log-driver k8s-file --network none "$BB" sh -c 'printf "a\nb"'
  wait_for 10 sh -c "'$CORACLE' inspect --format '{{.State.Status}}' k | grep -q exited"
  [ "$(coracle logs k)" = $'a\nb' ]
  coracle run -d --name n --log-driver none --network none "$BB" echo x
  wait_for 10 sh -c "'$CORACLE' inspect --format '{{.State.Status}}' n | grep -q exited"
  run coracle logs n
  [[ "$output" != x ]]
}
