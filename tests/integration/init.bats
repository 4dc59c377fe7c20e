#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# container init.

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

status_of() {
  coracle inspect --format '{{.State.Status}}' "$1"
}

@test "init: everything is there, and the program does not run before start" {
  coracle create --name a -p 127.0.0.1::7777 "$BB" sh -c 'echo began; sleep 100'
  run -0 --separate-stderr coracle container init a
  [ "$output" = a ]
  [ -z "$stderr" ]
  run -0 coracle inspect --format '{{.State.Status}} {{.State.Running}}' a
  [ "$output" = "initialized false" ]
  run -0 coracle ps -a --format '{{.Names}} {{.State}} {{.Status}}'
  [ "$output" = "a initialized Initialized" ]
  # The network is there: somebody listens, for a program that does not yet.
  port=$(coracle inspect --format '{{(index (index .NetworkSettings.Ports "7777/tcp") 0).HostPort}}' a)
  : <"/dev/tcp/127.0.0.1/$port"
  sleep 0.3
  [ -z "$(coracle logs a)" ]
  run -0 --separate-stderr coracle start a
  [ "$output" = a ]
  [ "$(status_of a)" = running ]
  wait_for 5 sh -c "'$CORACLE' logs a | grep -qx began"
  run -0 coracle exec a true
}

@test "init: attached start, its exit code, and what it is given on its input" {
  coracle create -i --name a --network none "$BB" sh -c 'cat; echo err >&2; exit 7'
  coracle init a
  run -7 --separate-stderr coracle start -a -i a <<<"to the container"
  [ "$output" = "to the container" ]
  [ "$stderr" = err ]
  [ "$(status_of a)" = exited ]
}

@test "init: a terminal gets the size of the one who starts it" {
  coracle create -it --name a --network none "$BB" sh -c 'stty size; exit 3'
  coracle init a
  run -3 script -qec "stty rows 33 cols 77; '$CORACLE' start -ai a" /dev/null
  [[ $output == *"33 77"* ]]
}

@test "init: once more, of what runs, and of what has ended" {
  coracle create --name a --network none "$BB" sh -c 'echo x >>/file; sleep 100'
  coracle init a
  run --separate-stderr coracle init a
  failed_with 125 "has already been created in runtime: container state improper"
  coracle start a
  run --separate-stderr coracle init a
  failed_with 125 "has already been created in runtime: container state improper"
  coracle stop -t 0 a
  run -0 coracle init a
  [ "$(status_of a)" = initialized ]
  coracle start a
  wait_for 5 sh -c "[ \$('$CORACLE' exec a wc -l /file | cut -d' ' -f1) = 2 ]"
}

@test "init --all takes those that do not run yet; --latest the newest" {
  coracle run -d --name r --network none "$BB" sleep 100
  coracle create --name a --network none "$BB" sleep 100
  coracle create --name b --network none "$BB" sleep 100
  run -0 coracle init --latest
  [ "$(status_of a)/$(status_of b)" = created/initialized ]
  run -0 --separate-stderr coracle init --all
  [ "$output" = "$(coracle inspect --format '{{.Id}}' a)" ]
  [ -z "$stderr" ]
  [ "$(status_of r)/$(status_of a)/$(status_of b)" = running/initialized/initialized ]
}

@test "init: what needs a program that runs is refused" {
  coracle create --name a --network none "$BB" sleep 100
  coracle init a
  run --separate-stderr coracle exec a true
  failed_with 255 "can only create exec sessions on running containers"
  run --separate-stderr coracle pause a
  failed_with 125 "\"initialized\" is not running, can't pause: container state improper"
  run --separate-stderr coracle top a
  failed_with 125 "top can only be used on running containers"
  run --separate-stderr coracle kill a
  failed_with 125 "can only kill running containers"
  run --separate-stderr coracle container cleanup a
  failed_with 125 "refusing to clean up"
  [ "$(status_of a)" = initialized ]
}

@test "init: stop and rm end it, and nothing is left" {
  coracle create --name a --network none "$BB" sleep 100
  coracle init a
  before=$(date +%s)
  run -0 coracle stop a
  [ $(($(date +%s) - before)) -lt 5 ]
  run -0 coracle inspect --format '{{.State.Status}} {{.State.ExitCode}}' a
  [ "$output" = "exited 137" ]
  coracle init a
  run -0 coracle rm a
  run -1 coracle container exists a
  no_container_processes
  coracle create --name b "$BB" sleep 100
  coracle init b
  coracle rm -f b
  no_container_processes
}

@test "init: --rm removes one that is ended before its start" {
  coracle create --rm --name a --network none "$BB" sleep 100
  coracle init a
  coracle stop -t 0 a
  run -1 coracle container exists a
}

@test "init: a lost monitor is noticed" {
  coracle create --name a --network none "$BB" sleep 100
  coracle init a
  monitor=$(coracle inspect --format '{{.State.ConmonPid}}' a)
  coracle unshare kill -9 "$monitor"
  wait_for 5 has_ended "$monitor"
  [ "$(status_of a)" != initialized ]
  no_container_processes
  coracle start a
  [ "$(status_of a)" = running ]
}

@test "init: its files cannot be reached before the start, and that is said" {
  coracle create --name a --network none "$BB" sleep 100
  coracle init a
  echo hello >"$BATS_TEST_TMPDIR/given"
  run --separate-stderr timeout 10 "$CORACLE" cp "$BATS_TEST_TMPDIR/given" a:/given
  failed_with 125 "container a: it is initialized: its files can be reached when it has been started"
  coracle start a
  coracle cp "$BATS_TEST_TMPDIR/given" a:/given
  [ "$(coracle exec a cat /given)" = hello ]
}

@test "init: what cannot be made is an error of init, what cannot be executed one of start" {
  coracle create --name a --network ns:/no/such/namespace "$BB" true
  run --separate-stderr coracle init a
  failed_with 125 "namespace"
  [ "$(status_of a)" = created ]
  coracle create --name b --network none "$BB" /no/such/program
  coracle init b
  run --separate-stderr coracle start -a b
  failed_with 125 "/no/such/program"
  [ "$(status_of b)" = created ]
}

@test "init: of many starts at once, all find it started" {
  coracle create --name a --network none "$BB" sh -c 'echo began; sleep 100'
  coracle init a
  for i in 1 2 3 4 5 6; do coracle start a >"$BATS_TEST_TMPDIR/out.$i" 2>&1 3>&- & done
  wait
  [ "$(sort -u "$BATS_TEST_TMPDIR"/out.*)" = a ]
  [ "$(status_of a)" = running ]
  wait_for 5 sh -c "'$CORACLE' logs a | grep -q began"
  [ "$(coracle logs a | wc -l)" = 1 ]
}

@test "init: commit finds nothing to pause" {
  coracle create --name a --network none "$BB" sleep 100
  coracle init a
  coracle commit -q a localhost/one
  [ "$(status_of a)" = initialized ]
  coracle image exists localhost/one
}
