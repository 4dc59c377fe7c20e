#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --sdnotify: what a service manager hears on the socket that it listens to.

load helpers

setup_file() {
  file_setup busybox:latest
  SEND=$CT_BUILD/tests/support/send-datagram
  export SEND
}

teardown_file() {
  file_teardown
}

setup() {
  MANAGER=$BATS_TEST_TMPDIR/manager
  HEARD=$BATS_TEST_TMPDIR/heard
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
  [ -z "${LISTENER:-}" ] || kill "$LISTENER" 2>/dev/null || :
  no_container_processes
}

# listen [ADDRESS]: a manager that writes down every datagram.
listen() {
  socat -u "${1:-UNIX-RECV:$MANAGER}" "OPEN:$HEARD,creat,append" 3>&- &
  LISTENER=$!
  if [ $# = 0 ]; then wait_for 5 test -S "$MANAGER"; else wait_for 5 grep -q "${1#*:}" /proc/net/unix; fi
}

heard() {
  [ "$(cat "$HEARD" 2>/dev/null)" = "$1" ]
}

hears() {
  wait_for 5 heard "$1" || { echo "heard: $(cat "$HEARD")"; return 1; }
}

monitor_of() {
  coracle inspect --format '{{.State.ConmonPid}}' "$1"
}

# started MODE NAME COMMAND: as a unit would.
started() {
  NOTIFY_SOCKET=$MANAGER "$CORACLE" run -d --name "$2" --sdnotify "$1" --network none \
    -v "$SEND:/send:ro" "$BB" sh -c "$3"
}

@test "conmon: the monitor is the main process, and ready when the program runs" {
  listen
  started conmon c 'test -z "$NOTIFY_SOCKET" && test ! -e /run/notify && sleep 100'
  # All is said before the command ends, whose end would be taken for the service's.
  heard $'MAINPID='"$(monitor_of c)"$'\nREADY=1' || { cat "$HEARD"; return 1; }
  sleep 0.3
  [ "$(coracle inspect --format '{{.State.Status}} {{.Config.sdNotifyMode}}' c)" = "running conmon" ]
}

@test "container: the program says when it is ready" {
  listen
  started container c 'while [ ! -e /go ]; do sleep 0.05; done; /send "READY=1\nSTATUS=serving"; sleep 100'
  pid=$(monitor_of c)
  heard "MAINPID=$pid"
  coracle exec c touch /go
  hears $'MAINPID='$pid$'\nMAINPID='$pid$'\nREADY=1\nSTATUS=serving'
}

@test "container is the default, and any user of the container may speak" {
  listen
  NOTIFY_SOCKET=$MANAGER "$CORACLE" run -d --name c --user 1234:1234 --network none -v "$SEND:/send:ro" "$BB" \
    sh -c '/send READY=1; sleep 100'
  pid=$(monitor_of c)
  hears $'MAINPID='$pid$'\nMAINPID='$pid$'\nREADY=1'
  [ "$(coracle inspect --format '{{.Config.sdNotifyMode}}' c)" = container ]
}

@test "container: what is not its business is not passed on" {
  listen
  started container c '/send "MAINPID=1"; /send "MAINPID=1\nFDSTORE=1\nBARRIER=1"; /send -f "FDSTORE=1";
    /send "STATUS=$(printf "\033[31m")"; /send "$(head -c 5000 /dev/zero | tr "\0" x)";
    /send -f "STATUS=a fine day"; rm -f /run/notify/notify.sock; sleep 100'
  pid=$(monitor_of c)
  hears $'MAINPID='$pid$'\nSTATUS=a fine day'
  # A flood of messages does not keep the monitor from its work.
  coracle exec -d c sh -c 'while :; do /send "STATUS=flood"; done'
  sleep 0.3
  run -0 timeout 5 "$CORACLE" stop -t 0 c
}

@test "ignore, and nobody who listens" {
  listen
  started ignore c 'test -z "$NOTIFY_SOCKET" && sleep 100'
  sleep 0.3
  [ "$(coracle inspect --format '{{.State.Status}}' c)" = running ]
  coracle run -d --name d --network none "$BB" sh -c 'test -z "$NOTIFY_SOCKET" && sleep 100'
  NOTIFY_SOCKET=$MANAGER run -0 "$CORACLE" run --rm --env-host --sdnotify ignore --network none "$BB" env
  [[ "$output" != *NOTIFY_SOCKET* ]]
  [ ! -s "$HEARD" ]
  # A manager that has gone away is no reason not to run.
  kill $LISTENER
  rm -f "$MANAGER"
  run -0 started conmon e 'sleep 100'
}

@test "a name in the abstract namespace" {
  MANAGER=@coracle-test-$$-$RANDOM
  listen "ABSTRACT-RECV:${MANAGER#@}"
  started conmon c 'sleep 100'
  hears $'MAINPID='"$(monitor_of c)"$'\nREADY=1'
}

@test "start says it, too, and every life of a container that is restarted" {
  coracle create --name c --restart on-failure:1 --network none -v "$SEND:/send:ro" "$BB" sh -c '/send READY=1; exit 1'
  listen
  NOTIFY_SOCKET=$MANAGER "$CORACLE" start c
  run -0 timeout 10 "$CORACLE" wait c
  wait_for 5 sh -c "[ \$(grep -c READY=1 '$HEARD') = 2 ]"
  [ "$(grep -c MAINPID "$HEARD")" = 4 ]
  [ "$(grep MAINPID "$HEARD" | sort -u | wc -l)" = 1 ]
}

@test "an unknown mode" {
  run --separate-stderr coracle create --sdnotify maybe "$BB" true
  failed_usage create "must be one of container|conmon|ignore"
}
