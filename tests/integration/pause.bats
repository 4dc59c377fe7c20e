#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pause, unpause: without a cgroup here, so by signals. The freezer is tested in the virtual machine.

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

# --cgroups disabled: so that it is the same wherever the tests run.
start() { # NAME [OPTION...] COMMAND...
  name=$1
  shift
  coracle run -d --name "$name" --network none --cgroups disabled "$BB" "$@" >/dev/null
}

state() {
  coracle inspect --format '{{.State.Status}}' "$1"
}

is_stopped() { # PID
  grep -q '^State:.[Tt]' "/proc/$1/status"
}

# Every process of the container is in the namespace of its first one.
processes() { # NAME
  ns=$(coracle unshare readlink "/proc/$(coracle inspect --format '{{.State.Pid}}' "$1")/ns/pid")
  coracle unshare sh -c 'for p in /proc/[0-9]*; do
    [ "$(readlink $p/ns/pid 2>/dev/null)" != "$1" ] || echo ${p#/proc/}; done' sh "$ns"
}

@test "pause: nothing runs until unpause, and every place says so" {
  start a sh -c 'while :; do echo tick; sleep 0.05; done'
  wait_for 5 sh -c "'$CORACLE' logs a | grep -q tick"
  run -0 --separate-stderr coracle pause a
  [ "$output" = a ]
  [ -z "$stderr" ]
  run -0 coracle inspect --format '{{.State.Status}} {{.State.Paused}} {{.State.Running}} {{.State.PauseMethod}}' a
  [ "$output" = "paused true false signals" ]
  run -0 coracle ps -a --format '{{.Names}} {{.State}} {{.Status}}'
  [ "$output" = "a paused Paused" ]
  run -0 coracle ps -a -q --filter status=paused --no-trunc
  [ "$output" = "$(coracle inspect --format '{{.Id}}' a)" ]
  before=$(coracle logs a | wc -l)
  sleep 0.5
  [ "$(coracle logs a | wc -l)" = "$before" ]
  for pid in $(processes a); do is_stopped "$pid"; done

  run -0 --separate-stderr coracle unpause a
  [ "$output" = a ]
  [ -z "$stderr" ]
  run -0 coracle inspect --format '{{.State.Status}} {{.State.Paused}} {{.State.Running}}-{{.State.PauseMethod}}' a
  [ "$output" = "running false true-" ]
  more() { [ "$(coracle logs a | wc -l)" -gt "$before" ]; }
  wait_for 5 more
}

@test "pause: what forks all the time is caught" {
  start a sh -c 'f() { while :; do (:); done; }; f & f & f & while :; do sh -c "sh -c : & sh -c :"; done'
  for round in 1 2 3; do
    coracle pause a
    [ "$(state a)" = paused ]
    set -- $(processes a)
    [ $# -ge 4 ]
    sleep 0.2
    [ "$*" = "$(processes a | xargs)" ]
    coracle unpause a
    [ "$(state a)" = running ]
  done
}

@test "pause: what cannot be paused" {
  coracle create --name new --network none "$BB" true
  run --separate-stderr coracle pause new
  failed_with 125 "\"created\" is not running, can't pause: container state improper"
  run --separate-stderr coracle pause nobody
  failed_with 125 "no such container"
  run --separate-stderr coracle pause
  failed_with 125 "you must provide at least one name or id"
  run --separate-stderr coracle unpause new
  failed_with 125 "is not paused, can't unpause: container state improper"
  start a sleep 100
  run --separate-stderr coracle unpause a
  failed_with 125 "is not paused, can't unpause: container state improper"
  coracle pause a
  run --separate-stderr coracle pause a
  failed_with 125 "is already paused: container state improper"
}

@test "pause: several, one of them unknown; --all and --latest" {
  start a sleep 100
  start b sleep 100
  coracle create --name new --network none "$BB" true
  run -125 --separate-stderr coracle pause a nobody b
  [ "$output" = "a
b" ]
  run -0 coracle unpause --all
  [ ${#lines[@]} = 2 ]
  [ "$(state a) $(state b)" = "running running" ]
  run -0 --separate-stderr coracle pause -a
  [ ${#lines[@]} = 2 ]
  [ -z "$stderr" ]
  [ "$(state a) $(state b) $(state new)" = "paused paused created" ]
  coracle unpause -a
  coracle rm new
  coracle pause -l
  [ "$(state a) $(state b)" = "running paused" ]
}

@test "pause: exec, stop, start and restart refuse, and it stays paused" {
  start a sleep 100
  coracle pause a
  run --separate-stderr coracle exec a true
  failed_with 255 "can only create exec sessions on running containers: container state improper"
  run --separate-stderr coracle stop -t 0 a
  failed_with 125 "is in state paused: container state improper"
  run --separate-stderr coracle start a
  failed_with 125 "must be in Created or Stopped state"
  run --separate-stderr coracle restart -t 0 a
  failed_with 125 "paused or unknown state: container state improper"
  run --separate-stderr coracle attach a
  failed_with 125 "running containers"
  [ "$(state a)" = paused ]
  run -0 --separate-stderr coracle stop -a -t 0
  [ -z "$output$stderr" ]
  run -2 --separate-stderr coracle rm a
  failed_with 2 "as it is paused - running or paused containers cannot be removed without force"
}

@test "pause: kill and rm -f need no unpause" {
  start a sleep 100
  coracle pause a
  run -0 coracle kill a
  [ "$(state a) $(coracle inspect --format '{{.State.ExitCode}}' a)" = "exited 137" ]
  coracle start a
  [ "$(state a)" = running ]
  coracle pause a
  run -0 coracle rm -f a
  [ "$output" = a ]
  no_container_processes
}

@test "pause: a signal waits for unpause" {
  start a sh -c 'trap "exit 7" TERM; while :; do sleep 0.05; done'
  coracle pause a
  coracle kill -s TERM a
  [ "$(state a)" = paused ]
  coracle unpause a
  run -0 coracle wait a
  [ "$output" = 7 ]
}

@test "pause: is what the processes do, not what was noted" {
  start a sleep 100
  coracle pause a
  pid=$(coracle inspect --format '{{.State.Pid}}' a)
  # Somebody else lets it go on.
  coracle unshare kill -CONT "$pid"
  [ "$(state a)" = running ]
  coracle exec a true
  coracle pause a
  [ "$(state a)" = paused ]
  coracle unpause a
  # And what stops by itself is not paused.
  coracle unshare kill -STOP "$pid"
  wait_for 5 is_stopped "$pid"
  [ "$(state a)" = running ]
  coracle unshare kill -CONT "$pid"
}

@test "pause: a command that was killed in between can be mended by either" {
  start a sh -c 'sleep 100 & sleep 100 & wait'
  coracle pause a
  # As it looks when only some have been stopped.
  set -- $(processes a)
  coracle unshare kill -CONT "$1"
  [ "$(state a)" = running ]
  is_stopped "$2"
  run -0 coracle unpause a
  for pid in $(processes a); do ! is_stopped "$pid"; done
  coracle pause a
  coracle unshare kill -CONT "$1"
  run -0 coracle pause a
  [ "$(state a)" = paused ]
}

@test "pause: a new start is not paused" {
  start a sleep 100
  coracle pause a
  coracle kill a
  coracle start a
  [ "$(state a)" = running ]
  coracle exec a true
}

@test "pause: commit leaves a paused one paused, and a running one running" {
  start a sleep 100
  coracle pause a
  coracle commit -q a localhost/one
  [ "$(state a)" = paused ]
  coracle unpause a
  coracle commit -q a localhost/two
  [ "$(state a)" = running ]
  for pid in $(processes a); do ! is_stopped "$pid"; done
}

@test "pause: many at once agree" {
  start a sh -c 'while :; do sh -c :; done'
  for i in 1 2 3 4; do
    (for j in 1 2 3 4 5; do coracle pause a; coracle unpause a; done) >/dev/null 2>&1 3>&- &
  done
  wait
  [ "$(state a)" = running ] || coracle unpause a
  [ "$(state a)" = running ]
  for pid in $(processes a); do ! is_stopped "$pid" || [ ! -e "/proc/$pid" ]; done
  coracle exec a true
}

@test "pause: is noted, as is what comes after it" {
  start a sleep 100
  coracle pause a
  coracle unpause a
  run -0 coracle events --stream=false --filter "container=$(coracle inspect --format "{{.Id}}" a)" --filter event=pause --filter event=unpause --format '{{.Status}} {{.Name}}'
  [ "$output" = "pause a
unpause a" ]
}

@test "pause: whoever execs meanwhile either runs before, or is paused or refused" {
  start a sleep 100
  (for i in 1 2 3 4 5 6 7 8 9 10 11 12; do coracle exec a true; done) >/dev/null 2>&1 3>&- &
  for i in 1 2 3 4; do
    coracle pause a
    for j in 1 2 3 4 5; do [ "$(state a)" = paused ]; done
    coracle unpause a
  done
  wait
  [ "$(state a)" = running ]
}
