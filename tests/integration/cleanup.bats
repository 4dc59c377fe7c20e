#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# container cleanup.

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

state() {
  coracle inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1"
}

# The container's monitor is killed, and nothing else.
lose() {
  monitor=$(coracle inspect --format '{{.State.ConmonPid}}' "$1")
  coracle unshare kill -9 "$monitor"
  wait_for 5 has_ended "$monitor"
}

port_is_free() {
  ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

@test "cleanup: containers that have ended are echoed and stay as they are" {
  coracle run --name a --network none "$BB" sh -c 'exit 3' || :
  coracle create --name b --network none "$BB" true
  run -0 --separate-stderr coracle container cleanup a b
  [ "$output" = "a
b" ]
  [ -z "$stderr" ]
  [ "$(state a)/$(state b)" = "exited 3/created 0" ]
}

@test "cleanup: after the loss of a monitor no process and no port is left" {
  coracle run -d --name a -p 127.0.0.1::7777 "$BB" sh -c 'nc -lk -p 7777 -e cat; sleep 100'
  port=$(coracle port a 7777/tcp)
  port=${port##*:}
  init=$(coracle inspect --format '{{.State.Pid}}' a)
  lose a
  run -0 coracle container cleanup a
  [ "$output" = a ]
  has_ended "$init"
  wait_for 5 port_is_free "$port"
  [ "$(state a)" = "exited 137" ]
  no_container_processes
  [ -z "$(ls "$XDG_RUNTIME_DIR/coracle/containers")" ]
  # And it can be started as ever.
  coracle start a
  [ "$(state a)" = "running 0" ]
}

@test "cleanup: a paused one that has lost its monitor" {
  coracle run -d --name a --network none --cgroups disabled "$BB" sh -c 'sleep 100 & sleep 100'
  coracle pause a
  lose a
  coracle container cleanup a
  no_container_processes
  [ "$(state a)" = "exited 137" ]
}

@test "cleanup: what runs is refused, others have their turn" {
  coracle run -d --name a --network none "$BB" sleep 100
  coracle create --name b --network none "$BB" true
  run --separate-stderr coracle container cleanup a
  failed_with 125 "is running or paused, refusing to clean up: container state improper"
  run -125 --separate-stderr coracle container cleanup --all
  [ "$output" = "$(coracle inspect --format '{{.Id}}' b)" ]
  run -0 coracle container cleanup --latest
  [ "$(state a)" = "running 0" ]
  run --separate-stderr coracle container cleanup nobody
  failed_with 125 'no container with name or ID "nobody" found: no such container'
  run --separate-stderr coracle container cleanup
  failed_with 125 "at least one"
}

# Names that cannot begin an ID.
@test "cleanup --rm removes the container, --rmi its image as far as nobody else has it" {
  coracle create --name w --network none "$BB" true
  coracle create --name x --network none "$BB" true
  run -0 coracle container cleanup --rm w
  [ "$output" = w ]
  run -1 coracle container exists w
  run -125 --separate-stderr coracle container cleanup --rmi x
  [[ $stderr == *"image is in use by a container"* ]]
  coracle run --name y --network none "$BB" sh -c 'echo 1 >/file'
  coracle commit -q y localhost/own
  coracle create --name z --network none localhost/own true
  run -0 coracle container cleanup --rm --rmi z
  [ "$output" = z ]
  run -1 coracle image exists localhost/own
  run -1 coracle container exists z
  coracle image exists "$BB"
}

@test "cleanup: from many shells at once" {
  for i in 1 2 3 4 5 6; do coracle create --name "c$i" --network none "$BB" true; done
  for i in 1 2 3 4; do coracle container cleanup --all >/dev/null 2>"$BATS_TEST_TMPDIR/err.$i" 3>&- & done
  wait
  cat "$BATS_TEST_TMPDIR"/err.*
  [ -z "$(cat "$BATS_TEST_TMPDIR"/err.*)" ]
  for i in 1 2 3 4; do coracle container cleanup --rm --all >/dev/null 2>"$BATS_TEST_TMPDIR/err.$i" 3>&- & done
  wait
  cat "$BATS_TEST_TMPDIR"/err.*
  [ -z "$(cat "$BATS_TEST_TMPDIR"/err.*)" ]
  [ -z "$(coracle ps -aq)" ]
}
