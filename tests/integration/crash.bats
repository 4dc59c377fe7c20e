#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is true after a process of coracle was killed, whoever asks first. soak/crash does the same at
# random; here is a short form of it.

load helpers
. "$CT_TESTS/support/invariants.bash"

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# lost NAME [OPTION...]: a container that ran until its monitor was killed, and is not noticed yet.
lost() {
  local name=$1 monitor
  shift
  coracle run -d --name "$name" "$@" "$BB" sleep 300 >/dev/null
  monitor=$(coracle inspect --format '{{.State.ConmonPid}}' "$name")
  kill -KILL "$monitor"
  wait_for 5 has_ended "$monitor"
}

@test "every verb as the first one after the monitor was killed" {
  lost one --network none
  [ "$(coracle ps -a --format '{{.Names}} {{.State}}')" = "one exited" ]
  coracle rm one
  for verb in start restart 'stop -t 0' 'rm -f -t 0' rm 'rename one two' logs wait diff 'commit -q one test/lost'; do
    lost one --network none
    words=$verb
    [[ "$verb" == *" one "* ]] || words="$verb one"
    run timeout 20 "$CORACLE" $words
    [ "$status" = 0 ] || { echo "$verb: $status: $output"; return 1; }
    is_true "after $verb" check_invariants
    coracle rm -fa -t 0 >/dev/null
  done
  lost one --network none
  timeout 20 "$CORACLE" cp one:/etc/passwd - >/dev/null
  lost two --network none
  run timeout 20 "$CORACLE" exec two true
  [ "$status" != 0 ] && [ "$status" != 124 ]
  is_true "after cp and exec" check_invariants
  coracle rmi test/lost >/dev/null
}

@test "a container that lost its monitor is said to have been killed, and its port is free" {
  [ -w /dev/net/tun ] || skip "/dev/net/tun is not usable"
  port=$(free_port)
  lost one -p "127.0.0.1:$port:80"
  run -0 coracle inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}' one
  [ "$output" = "exited 137 0" ]
  coracle run -d --name two -p "127.0.0.1:$port:80" "$BB" sleep 300
  coracle rm -fa -t 0
  is_true "with everything removed" check_nothing_left
}

@test "rm against start: what runs is not removed, what is removed does not run" {
  for i in 1 2 3 4 5 6 7 8 9 10; do
    coracle create --name one --network none "$BB" sleep 300 >/dev/null
    "$CORACLE" start one >/dev/null 2>&1 3>&- &
    "$CORACLE" start one >/dev/null 2>&1 3>&- &
    "$CORACLE" rm one >/dev/null 2>&1 3>&- &
    wait
    is_true "after start and rm" check_invariants
    coracle rm -f -i -t 0 one >/dev/null
  done
  is_true "with everything removed" check_nothing_left
}

@test "random commands, with random processes killed" {
  bash "$CT_TESTS/soak/crash" -r 20 -b 20
}
