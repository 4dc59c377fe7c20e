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

# Names that are listed with these options, on a line.
names() {
  coracle ps --format '{{.Names}}' "$@" | tr '\n' ' '
}

@test "running ones only, unless asked for more; the oldest first" {
  [ "$(names)" = "runs " ]
  [ "$(names -a)" = "runs idle failed " ]
  [ "$(names -l)" = "failed " ]
  [ "$(names -n 2)" = "idle failed " ]
  [ "$(names -n 0)" = "runs " ]
  [ "$(names -l --filter label=a)" = "idle " ]
  [ "$(coracle container ls -aq | wc -l)" = 3 ]
  [ "$(coracle container list -aq | wc -l)" = 3 ]
  [ "$(coracle container ps -q)" = "$(coracle ps -q)" ]
  [ "$(coracle ps -q --external --sync)" = "$(coracle ps -q)" ]
}

@test "filters choose; only status looks at those that do not run" {
  id=$(coracle ps -aq --no-trunc --filter name=idle)
  while read -r expected filter; do
    got=$(coracle ps -a --format '{{.Names}}' --filter "$filter" | tr '\n' ,)
    [ "$got" = "${expected#-}" ] || { echo "$filter: $got, not $expected"; return 1; }
  done <<END
idle, id=${id:0:12}
- id=${id:3:20}x
idle, id=^$id\$
runs,idle,failed, name=.
idle,failed, name=^(idle|failed)$
idle, status=created
failed, status=stopped
failed, status=exited
failed, exited=3
- exited=0
runs,idle, label=a
runs, label=a=b
failed, label!=a
runs,idle, before=failed
idle,failed, since=runs
runs, volume=vol
runs, volume=vol:/data
failed, volume=$CT_HOME/home
runs,idle,failed, ancestor=$BB
runs,idle,failed, until=0s
- until=1h
- health=healthy
runs,idle,failed, restart-policy=no
idle, command=^true$
- pod=x
END
  [ "$(names -f status=created -f status=exited)" = "idle failed " ]
  [ "$(names -f name=idle)" = "" ]
  [ "$(names -a -f status=created,name=idle)" = "idle " ]
  [ "$(names -a -f label=a -f label=kind)" = "runs " ]
}

@test "a filter that there is not, or a wrong value, is an error" {
  for wrong in "color=red:color is an invalid filter" "name:invalid filter \"name\"" \
    "status=foo:unknown container state: foo" "exited=x:exited" "since=nope:no such container" \
    "restart-policy=foo:foo invalid restart policy" "name=[:regular expression" "until=bad:bad"; do
    run --separate-stderr coracle ps --filter "${wrong%%:*}"
    failed_with 125 "${wrong#*:}"
    [ -z "$output" ]
  done
}

@test "--sort orders, and knows its words" {
  [ "$(names -a --sort names)" = "failed idle runs " ]
  [ "$(names -a --sort created)" = "runs idle failed " ]
  [ "$(names -a --sort status)" = "idle failed runs " ]
  [ "$(names -a --sort command)" = "failed runs idle " ]
  [ "$(names -a --sort runningfor)" = "idle runs failed " ]
  [ "$(names -a --sort size)" = "runs idle failed " ]
  [ "$(names -n 2 --sort names)" = "failed idle " ]
  [ "$(coracle ps -aq --sort id)" = "$(coracle ps -aq | sort)" ]
  run --separate-stderr coracle ps --sort foo
  failed_usage ps '"foo"'
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

@test "json has the keys of podman" {
  expected="AutoRemove Command Created CreatedAt ExitCode Exited ExitedAt Id Image ImageID IsInfra Labels Mounts"
  expected="$expected Names Namespaces Networks Pid Pod PodName Ports Restarts Size StartedAt State Status"
  [ "$(coracle ps --format json | jq -r '.[0] | keys | join(" ")')" = "$expected" ]
  run -0 sh -c "'$CORACLE' ps -a --format json | jq -r '.[] | [.Names[0], .State, .Exited, .ExitCode, (.Pid > 0)] | join(\" \")'"
  [ "$output" = "runs running false 0 true"$'\n'"idle created false 0 false"$'\n'"failed exited true 3 false" ]
  [ "$(coracle ps --format json | jq -c '.[0].Mounts | sort')" = '["/data","/t"]' ]
  [ "$(coracle ps --format json --filter name=none)" = "[]" ]
}

@test "what cannot go together is refused in podman's words" {
  for wrong in "-l -n 3:last and latest are mutually exclusive" "-q -s:quiet conflicts with size and namespace" \
    "-q --ns:quiet conflicts" "-s --ns:size and namespace options conflict" "-w 1 -l:watch and latest" \
    "--watch=-1:not a number of seconds" "x:takes no arguments"; do
    run --separate-stderr coracle ps ${wrong%%:*}
    failed_with 125 "${wrong#*:}"
  done
  run -0 coracle ps -q -s --format '{{.Names}}'
  [ "$output" = runs ]
}

@test "--pod adds columns, --noheading takes the header away, --no-trunc cuts nothing" {
  run -0 coracle ps --pod
  [[ "${lines[0]}" == *"NAMES "*"POD ID "*"PODNAME" ]]
  run -0 coracle ps --noheading
  [ "${#lines[@]}" = 1 ]
  run -0 coracle ps -a --no-trunc --filter name=failed
  [[ "${lines[1]}" =~ ^[0-9a-f]{64}\ .*"exit 3" ]]
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
