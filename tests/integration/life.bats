#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is left when a container ends, info, version, system reset. Each verb has its own file.

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

@test "inspect and ps as JSON" {
  coracle create --name j --network none -e A=b -v /anon "$BB" sh -c true
  coracle inspect j | jq -e '.[0] | .Name == "j" and (.Config.Env | index("A=b")) and
    (.Config.Cmd == ["sh", "-c", "true"]) and .Mounts[0].Type == "volume" and .State.Status == "created"'
  coracle ps -a --format json | jq -e '.[0].Names == ["j"]'
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
