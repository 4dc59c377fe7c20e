#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# events: what every verb notes, filters, times, following while the log is rotated.

load helpers

setup_file() {
  file_setup busybox:latest
  LOG=$XDG_RUNTIME_DIR/coracle/events.log
  export LOG
}

teardown_file() {
  file_teardown
}

setup() {
  # What is noted from here on.
  since=$(date +%s.%N)
}

teardown() {
  [ -z "${FOLLOWER:-}" ] || kill "$FOLLOWER" 2>/dev/null || :
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

events() {
  coracle events --stream=false --since "$since" "$@"
}

# noted WORDS: the statuses of containers (or of another TYPE) since the test, or the last call.
noted() {
  run -0 events --filter type="${2:-container}" --format '{{.Status}}'
  [ "${output//$'\n'/ }" = "$1" ] || { echo "noted: ${output//$'\n'/ }"; echo "not:   $1"; return 1; }
  since=$(date +%s.%N)
}

# follow FILE [OPTION...]: into a file from now on; returns when the follower is at it.
follow() {
  file=$1
  shift
  "$CORACLE" events "$@" >"$file" 2>"$file.err" 3>&- &
  FOLLOWER=$!
  wait_for 10 sh -c "ls -l /proc/$FOLLOWER/fd 2>/dev/null | grep -q events.log"
}

@test "run --rm: from create to remove, with exit code and labels" {
  run -3 coracle run --rm --name short --label a=b --network none "$BB" sh -c 'exit 3'
  noted "create init start attach died remove"
  run -0 coracle events --stream=false --filter container=short --filter event=died --format json
  line=$(jq -c 'del(.ID, .Time)' <<<"$output")
  [ "$line" = '{"ContainerExitCode":3,"Image":"'"$BB"'","Name":"short","Status":"died","Type":"container","Attributes":{"a":"b"}}' ]
  [[ $(jq -r .ID <<<"$output") =~ ^[0-9a-f]{64}$ ]]
  [[ $(jq -r .Time <<<"$output") =~ ^20[0-9-]{8}T[0-9:]{8}(\.[0-9]+)?Z$ ]]
}

@test "what could not be started has neither init nor died" {
  run -127 coracle run --rm --network none "$BB" /not/there
  noted "create remove"
  run -127 coracle run --name c --network none "$BB" /not/there
  noted "create cleanup"
  coracle rm c
  noted "remove"
}

@test "a container's life: create, start, stop, restart, kill, rename, rm" {
  coracle create --name c --network none "$BB" sleep 100
  noted "create"
  coracle start c
  noted "init start"
  coracle stop -t 0 c
  noted "stop died cleanup"
  coracle restart c
  noted "restart init start"
  coracle restart -t 0 c
  noted "restart stop died cleanup init start"
  coracle kill -s CONT c
  noted "kill"
  coracle kill c
  noted "kill died cleanup"
  coracle rename c d
  run -0 events --format '{{.Status}} {{.Name}}'
  [ "$output" = "rename d" ]
  since=$(date +%s.%N)
  coracle stop d
  noted ""
  coracle rm d
  noted "remove"
  coracle run -d --name e --network none "$BB" sleep 100
  noted "create init start"
  coracle rm -f -t 0 e
  noted "died cleanup remove"
}

@test "attach, start -a and exec" {
  coracle run -d --name c --network none "$BB" sleep 100
  since=$(date +%s.%N)
  coracle attach --no-stdin c &
  wait_for 10 sh -c "'$CORACLE' events --stream=false --since $since | grep -q attach"
  noted "attach"
  run -7 coracle exec c sh -c 'exit 7'
  run -0 events --format '{{.Status}} {{.ContainerExitCode}}'
  [ "$output" = $'exec 0\nexec_died 7' ]
  since=$(date +%s.%N)
  coracle exec -d c true
  wait_for 10 sh -c "'$CORACLE' events --stream=false --since $since | grep -q exec_died"
  noted "exec exec_died"
  run -127 coracle exec c /not/there
  noted ""
  coracle kill c
  coracle create --name once --network none "$BB" true
  since=$(date +%s.%N)
  coracle start -a once
  noted "init start attach died cleanup"
}

@test "commit, export, mount and unmount" {
  coracle create --name c --network none "$BB" true
  since=$(date +%s.%N)
  coracle export -o "$CT_HOME/c.tar" c
  noted "export"
  coracle commit -q c made
  noted "commit"
  coracle unshare sh -c "'$CORACLE' mount c && '$CORACLE' unmount c"
  noted "mount unmount"
  coracle rmi made
}

@test "images: pull, tag, untag, rmi, import" {
  coracle pull -q "$BB"
  run -0 events --format '{{.Type}} {{.Status}} {{.Name}}'
  [ "$output" = "image pull $BB" ]
  since=$(date +%s.%N)
  coracle tag "$BB" one:1 two:2
  coracle untag "$BB" one:1
  coracle rmi two:2
  run -0 events --format '{{.Status}} {{.Name}}'
  [ "$output" = $'tag one:1\ntag two:2\nuntag localhost/one:1\nuntag localhost/two:2' ]
  [ "$(events --format '{{.ID}}' | sort -u)" = "$(coracle image inspect --format '{{.Id}}' "$BB")" ]
  coracle create --name c --network none "$BB" true
  coracle export -o "$CT_HOME/i.tar" c
  since=$(date +%s.%N)
  id=$(coracle import "$CT_HOME/i.tar" loaded)
  coracle rmi loaded
  run -0 events --format '{{.Status}} {{.ID}} {{.Name}}'
  id=${id#sha256:}
  [ "$output" = "import $id loaded
tag $id loaded
untag $id localhost/loaded:latest
remove $id localhost/loaded:latest" ]
}

@test "volumes: create, use, remove, prune, and those that go with a container" {
  coracle volume create v
  coracle volume rm v
  coracle run --rm --network none -v w:/w -v /anonymous "$BB" true
  run -0 events --filter type=volume --format '{{.Status}} {{len .Name}}'
  [ "$output" = $'create 1\nremove 1\ncreate 1\ncreate 64\nremove 64' ]
  coracle run --rm --network none -v w:/w "$BB" true
  since=$(date +%s.%N)
  coracle volume prune -f
  noted "remove prune" volume
}

@test "text as podman's; ids whole or short; labels cannot look like lines" {
  id=$(coracle create --name c --label 'x=1
2026-01-01 fake' --label y=z --network none "$BB" true)
  coracle volume create tv
  coracle tag "$BB" tt:1
  run -0 events
  [ "${#lines[@]}" = 3 ]
  stamp='^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}(\.[0-9]+)? \+0000 UTC '
  [[ ${lines[0]} =~ $stamp ]]
  [ "${lines[0]#* UTC }" = "container create $id (image=$BB, name=c, x=1\\n2026-01-01 fake, y=z)" ]
  [ "${lines[1]#* UTC }" = "volume create tv" ]
  [[ ${lines[2]#* UTC } =~ ^"image tag "[0-9a-f]{64}" tt:1"$ ]]
  run -0 events --no-trunc=false
  [[ ${lines[0]#* UTC } == "container create ${id:0:12} ("* ]]
  [[ ${lines[2]#* UTC } =~ ^"image tag "[0-9a-f]{12}" tt:1"$ ]]
  coracle untag "$BB" tt:1
  coracle volume rm tv
}

@test "templates, JSON and unknown fields" {
  coracle create --name c --label k=v --network none "$BB" true
  run -0 events --format '{{.Type}}/{{.Status}}/{{.Action}} {{.Attributes.k}} {{.HealthStatus}}.'
  [ "$output" = "container/create/create v ." ]
  run -0 events --format '{{json .Attributes}}'
  [ "$output" = '{"k":"v"}' ]
  run -0 events --format 'table {{.Name}}\t{{.Status}}'
  [ "$output" = $'NAME        STATUS\nc           create' ]
  coracle volume create jv
  run -0 events --filter type=volume --format json
  [ "$(jq -c 'del(.Time)' <<<"$output")" = '{"Name":"jv","Status":"create","Type":"volume","Attributes":null}' ]
  coracle volume rm jv
  run --separate-stderr events --format '{{.Nonsense}}'
  failed_with 125 "can't evaluate field Nonsense"
}

# Names that cannot begin an ID.
@test "filters: one key any, several keys all, unknown ones are an error" {
  id=$(coracle create --name xa --label role=db --network none "$BB" true)
  coracle create --name xb --label role=web --network none "$BB" true
  coracle volume create fv
  coracle rm xa xb
  names() {
    events "$@" --format '{{.Status}}:{{.Name}}' | paste -sd' '
  }
  [ "$(names --filter container=xa)" = "create:xa remove:xa" ]
  [ "$(names --filter container="${id:0:10}")" = "create:xa remove:xa" ]
  [ "$(names --filter container=x)" = "" ]
  [ "$(names --filter event=remove)" = "remove:xa remove:xb" ]
  [ "$(names --filter event=destroy --filter label=role=web)" = "remove:xb" ]
  [ "$(names --filter label=role)" = "create:xa create:xb remove:xa remove:xb" ]
  [ "$(names --filter container=xa --filter container=xb --filter event=create)" = "create:xa create:xb" ]
  [ "$(names --filter volume=fv)" = "create:fv" ]
  [ "$(names --filter type=volume --filter type=image)" = "create:fv" ]
  [ "$(names --filter TYPE=volume)" = "create:fv" ]
  [ "$(names --filter image="$BB")" = "" ]
  run --separate-stderr events --filter foo=bar
  failed_with 125 "foo=bar is an invalid filter"
  run --separate-stderr events --filter foo
  failed_with 125 "foo is an invalid filter"
  run --separate-stderr coracle events surplus
  failed_with 125 "takes no arguments"
  coracle volume rm fv
}

@test "since and until: past, spans, both, and one that lies ahead" {
  coracle volume create t1
  middle=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
  coracle volume create t2
  [ "$(events --format '{{.Name}}')" = $'t1\nt2' ]
  [ "$(events --until "$middle" --format '{{.Name}}')" = t1 ]
  [ "$(coracle events --stream=false --since "$middle" --format '{{.Name}}')" = t2 ]
  [ "$(coracle events --stream=false --since 1h --filter type=volume --filter volume=t2 --format '{{.Name}}')" = t2 ]
  # Without --stream=false: what is past ends at once.
  run -0 timeout 10 "$CORACLE" events --since "$since" --until "$middle" --format '{{.Name}}'
  [ "$output" = t1 ]
  [ "$(timeout 10 "$CORACLE" events --until -1h --filter volume=t1)" = "" ]
  # What lies ahead is waited for, and what happens meanwhile is printed.
  start=$(date +%s%N)
  follow "$CT_HOME/ahead" --since "$middle" --until 3s --format '{{.Name}}'
  coracle volume create t3
  wait "$FOLLOWER"
  [ $(($(date +%s%N) - start)) -ge 2900000000 ]
  [ "$(cat "$CT_HOME/ahead")" = $'t2\nt3' ]
  run --separate-stderr coracle events --since nonsense
  failed_with 125 "nonsense"
  coracle volume rm t1 t2 t3
}

@test "following prints what comes, and nothing that was" {
  coracle volume create before
  follow "$CT_HOME/follow" --format '{{.Status}} {{.Name}}'
  coracle volume create after
  wait_for 5 grep -q "create after" "$CT_HOME/follow"
  coracle volume rm before after
  wait_for 5 grep -q "remove after" "$CT_HOME/follow"
  [ "$(cat "$CT_HOME/follow")" = $'create after\nremove before\nremove after' ]
  [ ! -s "$CT_HOME/follow.err" ]
}

@test "eight writers, a log that is rotated, a follower: every event once" {
  big=$(printf '%016000d' 0)
  follow "$CT_HOME/many" --filter type=container --format '{{.Status}} {{.Name}}'
  for writer in 1 2 3 4 5 6 7 8; do
    (
      for i in $(seq 25); do
        "$CORACLE" create --name "w$writer-$i" --label big="$big" --network none "$BB" true || exit 1
        "$CORACLE" rm "w$writer-$i" || exit 1
      done
    ) >/dev/null 3>&- &
    writers="${writers:-} $!"
  done
  for pid in $writers; do
    wait "$pid"
  done
  for writer in 1 2 3 4 5 6 7 8; do
    for i in $(seq 25); do
      printf 'create w%s\nremove w%s\n' "$writer-$i" "$writer-$i"
    done
  done | sort >"$CT_HOME/expected"
  lines_are_there() {
    [ "$(wc -l <"$CT_HOME/many")" -ge 400 ]
  }
  wait_for 10 lines_are_there
  sort "$CT_HOME/many" | diff "$CT_HOME/expected" -
  [ ! -s "$CT_HOME/many.err" ]
  # It was rotated, more than once, and neither of the two has grown without end.
  [ "$(jq .Generation <(head -1 "$LOG"))" -ge 4 ]
  [ "$(stat -c %s "$LOG.1")" -lt 1200000 ]
  [ "$(stat -c %s "$LOG")" -lt 1200000 ]
  # Each container was created before it was removed.
  for name in w1-1 w8-25; do
    [ "$(grep -x ".* $name" "$CT_HOME/many" | paste -sd' ')" = "create $name remove $name" ]
  done
}

@test "a reader that begins reads both files of the log, in order" {
  [ "$(head -c 14 "$LOG")" = '{"Generation":' ]
  coracle volume create last
  run -0 sh -c "'$CORACLE' events --stream=false --format '{{.Time}}' | wc -l"
  count=$output
  [ "$count" = "$(cat "$LOG.1" "$LOG" | grep -vc Generation)" ]
  [ "$(coracle events --stream=false --format '{{.Name}}' | tail -1)" = last ]
  coracle volume rm last
}

@test "a lost monitor: whoever notices says that the container died, once" {
  coracle run -d --name lost --network none "$BB" sleep 100
  since=$(date +%s.%N)
  kill -9 "$(jq .monitor.pid "$XDG_RUNTIME_DIR"/coracle/containers/*/state.json)"
  for i in 1 2 3 4; do
    coracle ps -a >/dev/null &
  done
  wait
  run -0 events --format '{{.Status}} {{.ContainerExitCode}}'
  [ "$output" = $'died 137\ncleanup 0' ]
}

@test "torn and alien lines are left out with a warning" {
  coracle volume create one
  printf '{"Status":"cre\nhello\n\0\377\n{"Status":"x","Type":"y","Time":"now"}\n' >>"$LOG"
  coracle volume create two
  run -0 --separate-stderr events --format '{{.Name}}'
  [ "$output" = $'one\ntwo' ]
  [[ "$stderr" == *"a line that is no event is left out"* ]]
  [ "$(wc -l <<<"$stderr")" = 1 ]
  coracle volume rm one two
}

@test "an event that cannot be written does not fail the command" {
  mv "$LOG" "$LOG.aside"
  mkdir "$LOG"
  run -0 --separate-stderr coracle run --rm --network none "$BB" echo fine
  rmdir "$LOG"
  mv "$LOG.aside" "$LOG"
  [ "$output" = fine ]
  [[ "$stderr" == *"event log: Is a directory"* ]]
}

@test "a log beyond the limit of file sizes fails neither the command nor its monitor" {
  # Empty lines are nothing to a reader; 128 blocks are 64 or 128 KiB.
  head -c 200000 /dev/zero | tr '\0' '\n' >>"$LOG"
  run -5 --separate-stderr sh -c "ulimit -f 128; exec '$CORACLE' run --rm --network none '$BB' sh -c 'exit 5'"
  [[ "$stderr" == *"event log: File too large"* ]]
  [ -z "$(coracle ps -aq)" ]
}

@test "--events-backend none: nothing is noted, by monitors neither, and nothing can be read" {
  coracle --events-backend none run -d --name quiet --network none "$BB" sleep 100
  coracle --events-backend=none exec quiet true
  coracle --events-backend none kill quiet
  coracle wait quiet
  coracle --events-backend none pull -q "$BB"
  coracle --events-backend none run --rm --pull always --quiet --network none "$BB" true
  run -0 --separate-stderr events
  [ -z "$output" ]
  run --separate-stderr coracle --events-backend none events
  failed_with 125 'cannot read events with the "none" backend'
  run --separate-stderr coracle --events-backend journald events
  [ "$status" = 125 ]
  [ "$(coracle info --format '{{.Host.EventLogger}}')" = file ]
}
