#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

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

start() { # NAME [ARG...]
  name=$1
  shift
  coracle run -d --name "$name" --network none "$@" >/dev/null
}

# Cells of the table's second line, blanks in them left out.
first_row() {
  echo "${lines[1]}" | sed 's/  */ /g; s/ $//'
}

@test "top: podman's columns, every process, parents as the container sees them" {
  start a "$BB" sh -c 'sleep 1000 & exec sleep 1001'
  wait_for 5 sh -c "'$CORACLE' top a args | grep -q 1001"
  run -0 --separate-stderr coracle top a
  [ -z "$stderr" ]
  [[ ${lines[0]} =~ ^USER\ +PID\ +PPID\ +%CPU\ +ELAPSED\ +TTY\ +TIME\ +COMMAND$ ]]
  [ ${#lines[@]} = 3 ]
  [[ ${lines[1]} =~ ^root\ +1\ +0\ +0\.[0-9]{3}\ +[0-9.hmns]+\ +\?\ +[0-9.]+m?s\ +"sleep 1001"$ ]]
  [[ ${lines[2]} =~ ^root\ +[0-9]+\ +1\ .*"sleep 1000"$ ]]
}

@test "top: descriptors in one word or several, codes of AIX" {
  start a "$BB" sleep 1000
  run -0 coracle top a pid,,comm state
  [ "$(first_row)" = "1 sleep S" ]
  run -0 coracle top -l %p %a
  [ "$(first_row)" = "1 sleep 1000" ]
  run -0 coracle container top a hpid
  [ "${lines[1]}" = "$(coracle inspect --format '{{.State.Pid}}' a)" ]
}

@test "top: users by name as the container knows them, by number as the host does" {
  start a --user 33:44 "$BB" sh -c 'exec sleep 1000'
  run -0 coracle top a user,group,ruser,rgroup
  [ "$(first_row)" = "$(coracle exec a id -un) 44 $(coracle exec a id -un) 44" ]
  coracle exec --user 0 a sh -c 'echo web:x:33:33::/:/bin/sh >/etc/passwd; echo www:x:44: >>/etc/group'
  run -0 coracle top a user,group
  [ "$(first_row)" = "web www" ]
  pid=$(coracle inspect --format '{{.State.Pid}}' a)
  run -0 coracle top a huser,hgroup
  [ "$(first_row)" = "$(stat -c '%u %g' "/proc/$pid")" ]
}

@test "top: users of a container with a mapping of its own" {
  start a --userns keep-id "$BB" sleep 1000
  run -0 coracle top a huser,user
  [ "$(first_row | cut -d' ' -f1)" = "$(id -u)" ]
  [ "$(first_row | cut -d' ' -f2)" = "$(coracle exec a id -un 2>/dev/null || id -u)" ]
}

@test "top: capabilities and seccomp" {
  start a --cap-drop all --cap-add kill,chown "$BB" sleep 1000
  run -0 coracle top a capeff,capprm,capinh,capamb,seccomp
  [[ ${lines[0]} =~ ^"EFFECTIVE CAPS  PERMITTED CAPS  INHERITED CAPS  AMBIENT CAPS  SECCOMP"$ ]]
  [ "$(first_row)" = "CHOWN,KILL CHOWN,KILL none none filter" ]
  start b --privileged --security-opt seccomp=unconfined "$BB" sleep 1000
  run -0 coracle top b seccomp capbnd
  [ "$(first_row)" = "disabled full" ]
}

@test "top: a terminal, niceness, an exec session" {
  start a -t "$BB" sh -c 'exec sleep 1000'
  coracle exec -d a sleep 77
  wait_for 5 sh -c "'$CORACLE' top a args | grep -q 77"
  coracle unshare renice -n 5 "$(coracle top a hpid | tail -n 1)"
  run -0 coracle top a tty,ppid,nice,pgid
  [ "$(first_row)" = "pts/0 0 0 1" ]
  [[ ${lines[2]} =~ ^\?\ +0\ +5\  ]]
}

@test "top: used time is told" {
  start a "$BB" sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; exec sleep 1000'
  wait_for 20 sh -c "'$CORACLE' top a comm | grep -q sleep"
  run -0 coracle top a time pcpu
  [ "$(first_row)" != "0s 0.000" ]
  [[ $(first_row) =~ ^[0-9.]+m?s\ [0-9]+\.[0-9]{3}$ ]]
}

@test "top: what processes say about themselves stays in its cell" {
  start a "$BB" sh -c 'while :; do sleep 1; done' "$(printf 'a\033[31m\tb\nc')"
  run -0 coracle top a args,pid
  [[ ${lines[1]} == 'sh -c while :; do sleep 1; done a\x1b[31m\tb\nc  1' ]]
}

@test "top: user databases may be anything" {
  start a "$BB" sleep 1000
  coracle exec a sh -c 'rm /etc/passwd; mkfifo /etc/passwd; ln -sf /dev/zero /etc/group'
  run -0 timeout 10 "$CORACLE" top a user group
  [ "$(first_row)" = "0 0" ]
  coracle exec a sh -c 'rm /etc/passwd; printf "e\033[2Jvil:x:0:0::/:/bin/sh\n" >/etc/passwd; rm /etc/group; ln -s ../../../../etc/group /etc/group'
  run -0 coracle top a user group
  [ "$(first_row)" = 'e\x1b[2Jvil 0' ]
  coracle exec a sh -c 'rm /etc/passwd; yes "::::::::" | head -c 9000000 >/etc/passwd'
  run -0 timeout 10 "$CORACLE" top a user
  [ "${lines[1]}" = 0 ]
}

@test "top: what is no descriptor is for the container's ps" {
  start a "$BB" sleep 1000
  run -0 coracle top a -o pid,args
  [[ ${lines[0]} =~ ^PID\ +COMMAND$ ]]
  [[ ${lines[1]} =~ ^\ +1\ sleep\ 1000$ ]]
  run -125 --separate-stderr coracle top a --no-such-option
  [ -z "$output" ]
  [[ $stderr == *"unrecognized option"* ]]
  coracle exec a rm /bin/ps
  run -125 --separate-stderr coracle top a PID
  [[ $stderr == "Error: "*ps*"See 'coracle top --help'"* ]]
}

@test "top: only of what runs" {
  coracle create --name new --network none "$BB" true
  run --separate-stderr coracle top new
  failed_with 125 "top can only be used on running containers"
  run --separate-stderr coracle top nobody
  failed_with 125 'no container with name or ID "nobody" found: no such container'
  run --separate-stderr coracle top
  failed_with 125 "you must provide the name or id of a running container"
}
