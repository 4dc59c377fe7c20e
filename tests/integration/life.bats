#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create, start, ps, rm, inspect, logs, stop, kill, info, version, system reset.

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

@test "create, start -a, start again, rm" {
  id=$(coracle create --name one --network none "$BB" sh -c 'echo hello; exit 4')
  [[ "$id" =~ ^[0-9a-f]{64}$ ]]
  run -0 coracle ps -a --format '{{.Names}} {{.Status}}'
  [ "$output" = "one Created" ]
  run -4 coracle start -a one
  [ "$output" = hello ]
  run -0 coracle inspect --format '{{.State.Status}} {{.State.ExitCode}}' "${id:0:12}"
  [ "$output" = "exited 4" ]
  run -4 coracle start -a one
  coracle rm one
  # podman start says 125 where run says 126 or 127.
  coracle create --name none --network none "$BB" no-such-command
  run --separate-stderr coracle start none
  failed_with 125 "no-such-command"
  run --separate-stderr coracle start -a none
  failed_with 125 "no-such-command"
  run --separate-stderr coracle rm one
  failed_with 1 'no such container'
}

@test "a detached container prints its id, keeps status and output" {
  id=$(coracle run -d --name two --network none "$BB" sh -c 'echo out; echo err >&2; exit 6')
  [[ "$id" =~ ^[0-9a-f]{64}$ ]]
  wait_for 10 sh -c "'$CORACLE' inspect --format '{{.State.Status}}' two | grep -q exited"
  run -0 --separate-stderr coracle logs two
  [ "$output" = out ]
  [ "$stderr" = err ]
  run -0 coracle inspect --format '{{.State.ExitCode}}' two
  [ "$output" = 6 ]
  run -0 coracle ps -a
  [[ "$output" == *"Exited (6)"* ]]
  run -0 coracle ps -q
  [ -z "$output" ]
}

@test "stop asks with the stop signal, then kills; kill sends any signal" {
  coracle run -d --name polite --network none "$BB" sh -c 'trap "exit 33" TERM; while :; do sleep 0.1; done'
  coracle stop polite
  [ "$(coracle inspect --format '{{.State.ExitCode}}' polite)" = 33 ]
  coracle run -d --name deaf --network none --stop-timeout 1 "$BB" sh -c 'trap "" TERM; while :; do sleep 0.1; done'
  coracle stop deaf
  [ "$(coracle inspect --format '{{.State.ExitCode}}' deaf)" = 137 ]
  coracle run -d --name other --network none --stop-signal USR1 "$BB" \
    sh -c 'trap "exit 44" USR1; while :; do sleep 0.1; done'
  coracle stop -t 5 other
  [ "$(coracle inspect --format '{{.State.ExitCode}}' other)" = 44 ]
  coracle run -d --name victim --network none "$BB" sleep 100
  coracle kill victim
  wait_for 5 sh -c "'$CORACLE' inspect --format '{{.State.ExitCode}}' victim | grep -qx 137"
  run --separate-stderr coracle kill victim
  [ "$status" != 0 ]
}

@test "rm refuses what runs, -f takes it; --rm leaves nothing" {
  coracle run -d --name busy --network none "$BB" sleep 100
  run --separate-stderr coracle rm busy
  failed_with 2 "running"
  coracle rm -f -t 0 busy
  coracle run --rm --name gone --network none "$BB" true
  run -0 coracle ps -aq
  [ -z "$output" ]
  no_container_processes
  no_mounts
}

@test "a --rm container that cannot be started leaves neither files nor its name" {
  run -127 coracle run --rm --name nothing --network none "$BB" /no/such/program
  wait_for 5 sh -c "! ls '$XDG_DATA_HOME/coracle/container-names' | grep -q nothing"
  wait_for 5 sh -c "[ -z \"\$(ls '$XDG_DATA_HOME/coracle/staging')\" ]"
}

@test "rmi refuses an image that is used, -f removes its containers" {
  coracle create --name user --network none "$BB" true
  run --separate-stderr coracle rmi "$BB"
  failed_with 2 ""
  coracle rmi -f "$BB"
  run -0 coracle ps -aq
  [ -z "$output" ]
  coracle pull -q "$BB"
}

@test "inspect and ps as JSON" {
  coracle create --name j --network none -e A=b -v /anon "$BB" sh -c true
  coracle inspect j | jq -e '.[0] | .Name == "j" and (.Config.Env | index("A=b")) and
    (.Config.Cmd == ["sh", "-c", "true"]) and .Mounts[0].Type == "volume" and .State.Status == "created"'
  coracle ps -a --format json | jq -e '.[0].Names == ["j"]'
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

@test "info, version, --root, --runroot, --log-level" {
  coracle info --format json | jq -e .host >/dev/null
  run -0 coracle info
  run -0 coracle version
  run -0 coracle --log-level debug --root "$CT_HOME/other" --runroot "$CT_HOME/other-run" ps -a
  [ -d "$CT_HOME/other" ]
  coracle --root "$CT_HOME/other" --runroot "$CT_HOME/other-run" system migrate
  coracle unshare rm -rf "$CT_HOME/other"
}

@test "system reset empties the store and the next pull works" {
  coracle create --network none "$BB" true
  coracle system reset -f
  run -0 coracle ps -aq
  [ -z "$output" ]
  run -0 coracle images -q
  [ -z "$output" ]
  coracle pull -q "$BB"
  run -0 bb true
}
