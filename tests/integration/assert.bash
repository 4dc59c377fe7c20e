# SPDX-License-Identifier: Apache-2.0
# Loaded by helpers: assertions that are counted. Tests that are tagged "shared" hold for podman, too
# (tests/run -p), and use these, so that the runner can tell how many assertions agree.

# agreed: one more has held; what it was is told by the test and the line of the assertion.
agreed() {
  [ -z "${CT_ASSERTIONS:-}" ] ||
    echo "${BATS_TEST_FILENAME##*/} $BATS_TEST_NAME ${FUNCNAME[1]} ${BASH_LINENO[1]}" >>"$CT_ASSERTIONS"
}

disagreed() {
  printf '%s\ngot:  %s\nwant: %s\n' "$@"
  return 1
}

# assert_equal GOT WANT
assert_equal() {
  [ "$1" = "$2" ] || disagreed "different" "$1" "$2"
  agreed
}

# assert_match GOT REGEX
assert_match() {
  [[ $1 =~ $2 ]] || disagreed "no match" "$1" "$2"
  agreed
}

# Of the last "run": its exit status, and what it printed, trailing newlines aside.
assert_status() {
  [ "$status" = "$1" ] || disagreed "status ($output / ${stderr:-})" "$status" "$1"
  agreed
}

assert_output() {
  [ "$output" = "$1" ] || disagreed "output (status $status, ${stderr:-})" "$output" "$1"
  agreed
}

assert_stderr() {
  [ "$stderr" = "$1" ] || disagreed "standard error" "$stderr" "$1"
  agreed
}

# Standard error is "Error: " and something that holds TEXT.
assert_error() {
  [[ $stderr == "Error: "*"$1"* ]] || disagreed "standard error" "$stderr" "Error: ...$1"
  agreed
}

# assert_inspect CONTAINER FORMAT TEXT
assert_inspect() {
  assert_equal "$("$CORACLE" container inspect --format "$2" "$1" 2>&1)" "$3"
}

# assert_state CONTAINER STATUS [EXIT CODE]
assert_state() {
  local state tries=100
  # Until podman has cleaned up behind a container that ended, it says "stopped".
  while state=$("$CORACLE" container inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1" 2>&1) &&
    ! is_coracle && [[ $state == stopped* ]] && [ $((tries -= 1)) -gt 0 ]; do
    sleep 0.05
  done
  assert_equal "$state" "$2 ${3:-0}"
}

# assert_gone CONTAINER...: the name is nobody's.
assert_gone() {
  for name; do
    ! "$CORACLE" container exists "$name" || disagreed "container" "$name" "nothing"
    agreed
  done
}

# prints TEXT COMMAND...: it succeeds, prints TEXT, and has nothing to complain about.
prints() {
  run --separate-stderr "${@:2}"
  assert_status 0
  assert_output "$1"
  assert_stderr ""
}

# prints_lines TEXT COMMAND...: the same where podman's order is chance.
prints_lines() {
  run --separate-stderr "${@:2}"
  assert_status 0
  output=$(sort <<<"$output")
  assert_output "$(sort <<<"$1")"
  assert_stderr ""
}

# prints_id COMMAND...: the same with a full id, which it leaves in $id.
prints_id() {
  run --separate-stderr "$@"
  assert_status 0
  assert_match "$output" '^[0-9a-f]{64}$'
  assert_stderr ""
  id=$output
}

# fails STATUS TEXT COMMAND...: it says why, and prints nothing.
fails() {
  # bats warns of a 127 that nobody expects.
  run $([ "$1" != 127 ] || echo -127) --separate-stderr "${@:3}"
  assert_status "$1"
  assert_output ""
  assert_error "$2"
}
