#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ps: which containers it lists, in which order, and what it shows of them.

load helpers

setup_file() {
  file_setup busybox:latest
  # In this order: one that runs, one that was never started, one that has failed.
  coracle run -d --name runs --label a=b --label kind=x -v vol:/data --tmpfs /t --network none \
    "$BB" sleep 1000 3>&-
  coracle create --name idle --label a=c --network none "$BB" true 3>&-
  coracle run --name failed -v "$CT_HOME/home:/host" --network none "$BB" \
    sh -c 'head -c 5000 /dev/zero >/big; exit 3' 3>&- || :
}

teardown_file() {
  file_teardown
}

# lists NAMES OPTIONS...: the names that ps prints, in their order.
lists() {
  prints "$(tr ' ' '\n' <<<"$1")" coracle ps --format '{{.Names}}' "${@:2}"
}

# Names that are listed with these options, on a line.
names() {
  coracle ps --format '{{.Names}}' "$@" | tr '\n' ' '
}

# bats test_tags=shared
@test "running ones only, unless asked for more; the oldest first" {
  lists "runs"
  lists "runs idle failed" -a
  lists "failed" -l
  lists "failed" --latest
  lists "idle failed" -n 2
  lists "runs" -n 0
  lists "idle" -l --filter label=a=c
  ids=$(coracle ps -aq --no-trunc)
  prints "$ids" coracle container ls -aq --no-trunc
  prints "$ids" coracle container list -aq --no-trunc
  prints "$ids" coracle container ps -aq --no-trunc
  prints "$ids" coracle ps -aq --no-trunc --external
  prints "$ids" coracle ps -aq --no-trunc --sync
}

# bats test_tags=shared
@test "filters choose; only status looks at those that do not run" {
  id=$(coracle ps -aq --no-trunc --filter name=idle)
  while IFS='|' read -r expected filter; do
    lists "$expected" -a --filter "$filter"
  done <<END
idle|id=${id:0:12}
|id=${id:3:20}x
idle|id=^$id\$
runs idle failed|name=.
idle failed|name=^(idle|failed)$
idle|status=created
failed|status=stopped
failed|status=exited
runs|status=running
|status=paused
failed|exited=3
|exited=0
runs idle|label=a
runs|label=a=b
runs|label=kind
|label=nothing
runs idle|before=failed
idle failed|since=runs
runs|volume=vol
runs|volume=vol:/data
failed|volume=$CT_HOME/home
runs idle failed|ancestor=$BB
|ancestor=nothing
runs idle failed|until=0s
|until=1h
|health=healthy
|network=nothing
|pod=x
END
  lists "idle failed" -f status=created -f status=exited
  lists "" -f name=idle
  lists "idle" -a -f status=created,name=idle
  lists "runs" -a -f label=a -f label=kind
  lists "" -a -f label=kind -f status=created
}

@test "filters that podman 4.3 has not" {
  [ "$(names -a --filter 'label!=a')" = "failed " ]
  [ "$(names -a --filter 'label!=a=b')" = "idle failed " ]
  [ "$(names -a --filter 'command=^true$')" = "idle " ]
  [ "$(names -a --filter restart-policy=no)" = "runs idle failed " ]
  [ "$(names -a --filter volume=/data)" = "runs " ]
  run --separate-stderr coracle ps --filter 'name=['
  failed_with 125 "regular expression"
}

# bats test_tags=shared
@test "a filter that there is not, or a wrong value, is an error" {
  for wrong in "color=red|color is an invalid filter" "name|invalid filter \"name\"" \
    "status=foo|unknown container state: foo" "exited=x|exited" "since=nope|no such container" \
    "before=nope|no such container" "restart-policy=foo|foo invalid restart policy" "until=bad|bad"; do
    fails 125 "${wrong#*|}" coracle ps --filter "${wrong%%|*}"
  done
}

# bats test_tags=shared
@test "--sort orders, and knows its words" {
  lists "failed idle runs" -a --sort names
  lists "runs idle failed" -a --sort created
  lists "idle failed runs" -a --sort status
  lists "failed runs idle" -a --sort command
  lists "idle runs failed" -a --sort runningfor
  lists "failed idle" -n 2 --sort names
  prints "$(coracle ps -aq | sort)" coracle ps -aq --sort id
  fails 125 '"foo"' coracle ps --sort foo
}

@test "--sort size" {
  [ "$(names -a --sort size)" = "runs idle failed " ]
}

@test "--size tells what was written, in the table and as json" {
  run -0 coracle ps -as --format '{{.Names}} {{.Size}}'
  [[ "${lines[1]}" == "idle 0B (virtual "*"B)" ]]
  [[ "${lines[2]}" == "failed 5kB (virtual "*"B)" ]]
  run -0 coracle ps -as
  [[ "${lines[0]}" == *"NAMES "*"SIZE" ]]
  run -0 sh -c "'$CORACLE' ps -as --format json | jq -r '.[] | select(.Names[0] == \"failed\") | .Size.rwSize, .Size.rootFsSize > 1000000'"
  [ "$output" = "5000"$'\n'"true" ]
  [ "$(coracle ps -a --format json | jq -c '[.[].Size]')" = "[null,null,null]" ]
}

@test "--ns shows the namespaces of the process" {
  pid=$(coracle inspect --format '{{.State.Pid}}' runs)
  net=$(coracle unshare readlink "/proc/$pid/ns/net" | tr -dc 0-9)
  run -0 coracle ps -a --ns
  [[ "${lines[0]}" == "CONTAINER ID  NAMES       PID "*"CGROUPNS "*"IPC "*"MNT "*"NET "*"PIDNS "*"USERNS "*"UTS" ]]
  [[ "${lines[1]}" == *" runs "*" $net "* ]]
  [[ "${lines[2]}" =~ idle\ +0\ *$ ]]
  run -0 coracle ps --ns --format '{{.NET}} {{.Namespaces.NET}}'
  [ "$output" = "$net $net" ]
  [ "$(coracle ps --ns --format json | jq -r '.[0].Namespaces.Net')" = "$net" ]
}

# bats test_tags=shared
@test "json has the keys of podman" {
  for key in AutoRemove Command Created CreatedAt ExitCode Exited ExitedAt Id Image ImageID IsInfra Labels \
    Mounts Names Namespaces Networks Pid Pod PodName Ports Size StartedAt State Status; do
    assert_equal "$(coracle ps --format json | jq "[.[] | has(\"$key\")] | all")" true
  done
  assert_equal "$(coracle ps -a --format json | jq -r '.[] | [.Names[0], .State, .Exited, .ExitCode, (.Pid > 0)] | join(" ")')" \
    "runs running false 0 true"$'\n'"idle created false 0 false"$'\n'"failed exited true 3 false"
  assert_equal "$(coracle ps --format json | jq -c '.[0].Mounts | sort')" '["/data","/t"]'
  assert_equal "$(coracle ps --format json | jq -c '.[0].Labels | [.a, .kind]')" '["b","x"]'
  assert_equal "$(coracle ps --format json | jq -c '.[0].Command')" '["sleep","1000"]'
  assert_equal "$(coracle ps --format json --filter name=none)" "[]"
  assert_equal "$(coracle ps -as --format json | jq -c '[.[].Size | keys]' | tr -d '"')" \
    "[[rootFsSize,rwSize],[rootFsSize,rwSize],[rootFsSize,rwSize]]"
}

# bats test_tags=shared
@test "what cannot go together is refused in podman's words" {
  for wrong in "-l -n 3|last and latest are mutually exclusive" "-q -s|quiet conflicts with size and namespace" \
    "-q --ns|quiet conflicts" "-s --ns|size and namespace options conflict" "-w 1 -l|watch and latest" \
    "x|takes no arguments"; do
    fails 125 "${wrong#*|}" coracle ps ${wrong%%|*}
  done
  prints runs coracle ps -q --format '{{.Names}}'
}

@test "--watch takes a number of seconds" {
  run --separate-stderr coracle ps --watch=-1
  failed_with 125 "not a number of seconds"
}

# bats test_tags=shared
@test "--pod adds columns, --noheading takes the header away, --no-trunc cuts nothing" {
  assert_match "$(coracle ps --pod | head -n 1)" 'NAMES +POD ID +PODNAME$'
  assert_match "$(coracle ps -a --ns | head -n 1)" \
    '^CONTAINER ID  NAMES       PID +CGROUPNS +IPC +MNT +NET +PIDNS +USERNS +UTS$'
  assert_match "$(coracle ps -as | head -n 1)" 'NAMES +SIZE$'
  assert_equal "$(coracle ps --noheading | wc -l)" 1
  assert_match "$(coracle ps -a --no-trunc --filter name=failed | tail -n 1)" '^[0-9a-f]{64} .*exit 3'
}

@test "--watch prints again, and sees what changed" {
  coracle ps -a -w 1 -q --filter name=watched >"$CT_HOME/watch" 3>&- &
  pid=$!
  sleep 0.3
  id=$(coracle create --name watched --network none "$BB" true)
  wait_for 10 grep -q "${id:0:12}" "$CT_HOME/watch"
  is_running "$pid"
  kill "$pid"
  coracle rm watched
}

@test "a damaged record is a bad row; one of a newer format is refused by name" {
  coracle create --name newer --network none "$BB" true
  id=$(coracle ps -aq --no-trunc --filter name=newer)
  record=$XDG_DATA_HOME/coracle/containers/$id/record.json
  cp "$record" "$CT_HOME/record"
  coracle unshare sed -i 's/"version":1/"version":9999/' "$record"
  run --separate-stderr coracle inspect newer
  [ "$status" = 125 ]
  [[ "$stderr" == *"container ${id:0:12} was made by a newer version of coracle"* ]]
  run --separate-stderr coracle start newer
  failed_with 125 "newer version of coracle"
  run -0 coracle ps -a --format '{{.ID}} {{.Status}}' --filter status=unknown
  [ "$output" = "${id:0:12} Damaged" ]
  run -0 coracle ps -a --format json --filter status=unknown
  [[ "$output" == *"newer version of coracle"* ]]
  # Cut in the middle.
  coracle unshare truncate -s 300 "$record"
  [ "$(names -a)" = " runs idle failed " ]
  coracle unshare cp "$CT_HOME/record" "$record"
  [ "$(names -a)" = "runs idle failed newer " ]
  coracle rm newer
}

@test "an ID prefix is found without reading a record" {
  id=$(coracle ps -aq --no-trunc --filter name=idle)
  run -0 strace -f -e trace=openat -o "$CT_HOME/trace" "$CORACLE" container exists "${id:0:12}"
  ! grep -q record.json "$CT_HOME/trace"
  run -1 coracle container exists "${id:0:12}fff"
}

@test "a store of a newer format is refused" {
  mkdir -p "$CT_HOME/newer"
  echo 9999 >"$CT_HOME/newer/format"
  run --separate-stderr coracle --root "$CT_HOME/newer" ps -a
  failed_with 125 "format 9999 was written by a newer coracle"
  [ "$(ls "$CT_HOME/newer")" = format ]
}
