#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --restart: containers that their monitors start again, and everything that ends that.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
  no_container_processes
}

# policy POLICY NAME COMMAND: in the background, without network.
policy() {
  coracle run -d --name "$2" --restart "$1" --network none "$BB" sh -c "$3"
}

get() {
  coracle inspect --format "$2" "$1"
}

status_is() {
  [ "$(get "$1" '{{.State.Status}}')" = "$2" ]
}

restarts_at_least() {
  [ "$(get "$1" '{{.RestartCount}}')" -ge "$2" ]
}

# It stays as it is: no monitor, and no more lines in the log later.
stays_down() {
  [ "$(get "$1" '{{.State.ConmonPid}}')" = 0 ]
  lines=$(coracle logs "$1" | wc -l)
  sleep 0.6
  [ "$(coracle logs "$1" | wc -l)" = "$lines" ]
  status_is "$1" exited
}

@test "on-failure:N: N restarts, then the last exit code; one log of all lives" {
  policy on-failure:3 f 'echo hi; exit 3'
  run -0 timeout 10 "$CORACLE" wait f
  [ "$output" = 3 ]
  run -0 coracle logs f
  [ "$output" = $'hi\nhi\nhi\nhi' ]
  [ "$(get f '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}')" = "3 exited 3" ]
  [ "$(get f '{{json .HostConfig.RestartPolicy}}')" = '{"Name":"on-failure","MaximumRetryCount":3}' ]
}

@test "on-failure: success ends it, and a start counts from the beginning" {
  policy on-failure f 'test -e /seen && exit 0; touch /seen; exit 1'
  run -0 timeout 10 "$CORACLE" wait f
  [ "$output" = 0 ]
  [ "$(get f '{{.RestartCount}}')" = 1 ]
  coracle start f
  run -0 timeout 10 "$CORACLE" wait f
  [ "$(get f '{{.RestartCount}}')" = 0 ]
}

@test "always: again after success; ps and inspect show the pause" {
  policy always a 'echo run; exit 0'
  wait_for 10 restarts_at_least a 3
  wait_for 10 status_is a restarting
  [ "$(get a '{{.State.Restarting}} {{.State.Running}} {{.State.Pid}}')" = "true false 0" ]
  run -0 coracle ps --format '{{.Names}} {{.State}} {{.Status}}'
  [[ "$output" == "a restarting Restarting (0) "*" ago" ]]
  run -0 coracle ps --format json
  [ "$(jq '.[0].Restarts' <<<"$output")" -ge 3 ]
}

@test "pauses grow" {
  policy always a 'read -r up rest </proc/uptime; echo "${up%.*}${up#*.}"; exit 0'
  wait_for 20 restarts_at_least a 4
  coracle stop -t 0 a
  # 100, 200, 400, 800 ms at least lie between the first five lines.
  coracle logs a | head -5 >"$BATS_TEST_TMPDIR/times"
  last= pause=100
  while read -r now; do
    if [ -n "$last" ]; then
      passed=$(((now - last) * 10))
      [ "$passed" -ge $((pause - 10)) ] && [ "$passed" -lt $((pause + 700)) ] || { echo "$passed, not $pause"; return 1; }
      pause=$((pause * 2))
    fi
    last=$now
  done <"$BATS_TEST_TMPDIR/times"
  [ "$pause" = 1600 ]
}

@test "stop ends it, at any time" {
  for pause in 0 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.55 0.6; do
    policy always a 'echo x; sleep 0.02'
    sleep $pause
    run -0 --separate-stderr timeout 10 "$CORACLE" stop -t 5 a
    [ "$output" = a ]
    [ -z "$stderr" ]
    [ "$(get a '{{.State.Status}} {{.State.ConmonPid}}')" = "exited 0" ]
    coracle rm a
  done
}

@test "stop during a long pause does not wait for its end, and it stays down" {
  policy always a 'exit 5'
  wait_for 20 restarts_at_least a 4
  wait_for 10 status_is a restarting
  run -0 timeout 2 "$CORACLE" stop -t 60 a
  stays_down a
  [ "$(get a '{{.State.ExitCode}}')" = 5 ]
}

@test "rm -f and restart of one in a pause" {
  policy always a 'exit 5'
  policy always b 'echo x; exit 5'
  wait_for 20 restarts_at_least b 4
  wait_for 10 status_is b restarting
  run -0 timeout 5 "$CORACLE" restart -t 0 b
  [ "$(get b '{{.RestartCount}}')" -le 1 ]
  run --separate-stderr coracle rm a
  [ "$status" = 2 ]
  run -0 timeout 5 "$CORACLE" rm -f a b
  run -0 coracle ps -aq
  [ -z "$output" ]
}

@test "start of one in a pause starts it at once" {
  policy always a 'echo x; test -e /stay && sleep 100; exit 5'
  wait_for 20 restarts_at_least a 5
  wait_for 10 status_is a restarting
  run -0 timeout 1 "$CORACLE" start a
  [ "$(get a '{{.RestartCount}}')" -le 1 ]
}

@test "kill: KILL and TERM are final, other signals are the program's" {
  policy always a 'trap "exit 1" HUP; trap "exit 2" TERM; echo up; while :; do sleep 0.05; done'
  wait_for 5 sh -c "'$CORACLE' logs a | grep -q up"
  coracle kill -s HUP a
  wait_for 5 restarts_at_least a 1
  wait_for 5 sh -c "[ \$('$CORACLE' logs a | grep -c up) -ge 2 ]"
  coracle kill -s TERM a
  run -0 timeout 5 "$CORACLE" wait a
  [ "$output" = 2 ]
  stays_down a
  coracle start a
  coracle kill a
  stays_down a
}

@test "kill in a pause" {
  policy always a 'exit 5'
  wait_for 20 restarts_at_least a 4
  wait_for 10 status_is a restarting
  run --separate-stderr coracle kill -s HUP a
  failed_with 125 "container state improper"
  run -0 timeout 5 "$CORACLE" kill a
  stays_down a
}

@test "an attached run ends with the first life and lets go of its terminal; a signal through it is final" {
  # Whoever reads its output sees the end of it, though the container goes on.
  run -3 timeout 5 "$CORACLE" run --name a --restart always --network none "$BB" sh -c 'echo hi; exit 3'
  [ "$output" = hi ]
  wait_for 5 restarts_at_least a 1
  coracle stop -t 0 a
  "$CORACLE" run --name b --restart always --network none "$BB" sh -c \
    'trap "exit 4" TERM; echo up; while :; do sleep 0.05; done' >"$BATS_TEST_TMPDIR/out" 3>&- &
  pid=$!
  wait_for 5 grep -q up "$BATS_TEST_TMPDIR/out"
  kill -TERM $pid
  code=0
  wait $pid || code=$?
  [ "$code" = 4 ]
  stays_down b
}

@test "network, ports and the pidfile are made anew" {
  port=$(free_port)
  coracle run -d --name n --restart always -p "127.0.0.1:$port:80" --pidfile "$CT_HOME/n.pid" "$BB" \
    sh -c 'echo "$(hostname -i)"; echo web >/index.html; httpd -p 80 -h /; sleep 1; exit 1'
  first=$(cat "$CT_HOME/n.pid")
  wait_for 10 restarts_at_least n 1
  wait_for 10 sh -c "[ \"\$(curl -s http://127.0.0.1:$port/)\" = web ]"
  [ "$(cat "$CT_HOME/n.pid")" != "$first" ]
  coracle stop -t 0 n
  [ "$(coracle logs n | sort -u | wc -l)" = 1 ]
  # Nothing of it is left: somebody else can have the port.
  coracle run -d --name m -p "127.0.0.1:$port:80" "$BB" sleep 100
}

@test "what cannot be started again is tried again" {
  port=$(free_port)
  coracle run -d --name n --restart always -p "127.0.0.1:$port:80" "$BB" sh -c 'echo up; sleep 0.3; exit 1'
  # The port is taken in a pause.
  wait_for 10 status_is n restarting
  wait_for 10 restarts_at_least n 3
  wait_for 10 status_is n restarting
  http_server "$port" taken
  wait_for 10 sh -c "'$CORACLE' inspect n --format '{{.State.Error}}' | grep -q 'in use'"
  [ "$(get n '{{.State.ExitCode}}')" = 126 ]
  kill $HTTP_PID
  lines=$(coracle logs n | wc -l)
  wait_for 20 sh -c "[ \$('$CORACLE' logs n | wc -l) -gt $lines ]"
}

@test "a first start that fails is an error, and is not repeated" {
  run -127 --separate-stderr coracle run -d --name a --restart always --network none "$BB" /nothing
  failed_with 127 "nothing"
  [ "$(get a '{{.State.Status}} {{.State.ConmonPid}} {{.RestartCount}}')" = "created 0 0" ]
}

@test "a monitor that is killed in a pause leaves the truth" {
  policy always a 'exit 5'
  wait_for 20 restarts_at_least a 4
  wait_for 10 status_is a restarting
  kill -KILL "$(get a '{{.State.ConmonPid}}')"
  wait_for 5 status_is a exited
  [ "$(get a '{{.State.ExitCode}}')" = 5 ]
  coracle rm a
}

@test "logs -f goes on over restarts, wait waits for the last end" {
  policy on-failure:2 a 'echo x; sleep 0.2; exit 7'
  timeout 10 "$CORACLE" logs -f a >"$BATS_TEST_TMPDIR/log" 3>&- &
  follower=$!
  run -0 timeout 10 "$CORACLE" wait a
  [ "$output" = 7 ]
  wait $follower
  [ "$(cat "$BATS_TEST_TMPDIR/log")" = $'x\nx\nx' ]
}

@test "start --filter: those that are to run after a reboot" {
  coracle create --name a --restart always --network none "$BB" sleep 100
  coracle create --name b --restart no --network none "$BB" sleep 100
  coracle create --name c --network none "$BB" sleep 100
  run -0 coracle start --all --filter restart-policy=always
  [ "$output" = "$(get a '{{.Id}}')" ]
  run -0 coracle ps --format '{{.Names}}'
  [ "$output" = a ]
  run --separate-stderr coracle start --filter restart-policy=always c
  failed_with 125 "--filter"
  run -0 coracle start --filter name=nobody
  [ -z "$output" ]
}

@test "events: each life begins and dies, a restart lies between" {
  since=$(date +%s.%N)
  policy on-failure:1 a 'exit 7'
  run -0 timeout 10 "$CORACLE" wait a
  run -0 coracle events --stream=false --since "$since" --filter container=a --format '{{.Status}}'
  [ "$(grep -v -e create -e cleanup <<<"$output" | tr '\n' ' ')" = "init start died restart init start died " ]
}

@test "what is refused" {
  run --separate-stderr coracle run --rm --restart always --network none "$BB" true
  failed_with 125 "the --rm option conflicts with --restart"
  run --separate-stderr coracle create --restart sometimes "$BB" true
  failed_with 125 '"sometimes" is not a valid restart policy'
  run --separate-stderr coracle create --restart on-failure:x "$BB" true
  failed_with 125 '"x"'
  run --separate-stderr coracle create --restart always:3 "$BB" true
  failed_with 125 "retries can only be specified with on-failure"
  run -0 coracle run --rm --restart no --network none "$BB" echo ok
  [ "$output" = ok ]
}
