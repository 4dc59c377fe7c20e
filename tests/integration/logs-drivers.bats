#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# logs: what the log drivers keep, and how it is looked at.

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

# box NAME DRIVER SCRIPT [OPTION...]: a container that has run to its end.
box() {
  name=$1 driver=$2 script=$3
  shift 3
  coracle run --name "$name" --network none --log-driver "$driver" "$@" "$BB" sh -c "$script" >/dev/null 2>&1
}

log_file() {
  echo "$XDG_DATA_HOME/coracle/containers/$(coracle inspect --format '{{.Id}}' "$1")/ctr.log"
}

time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}'

@test "k8s-file and json-file: both streams to where they belong, last words without a newline too" {
  for driver in k8s-file json-file; do
    box "$driver" "$driver" 'echo "o\"u\\t"; sleep 0.1; echo err >&2; sleep 0.1; printf "\tend"'
    run -0 --separate-stderr coracle logs "$driver"
    [ "$output" = $'o"u\\t\n\tend' ]
    [ "$stderr" = err ]
    [ "$(coracle logs "$driver" 2>/dev/null | tail -c 1)" = d ]
    run -0 bash -c "'$CORACLE' logs -t $driver 2>&1"
    for i in 0 1 2; do
      [[ "${lines[i]}" =~ ^${time}Z\  ]]
    done
  done
  [ "$(grep -Ec "^$time\+00:00 std(out|err) [FP] " "$(log_file k8s-file)")" = 3 ]
  run -0 jq -r '.stream + ":" + .log' "$(log_file json-file)"
  [ "$output" = $'stdout:o"u\\t\n\nstderr:err\n\nstdout:\tend' ]
}

@test "bytes that are no text, and long lines" {
  script='i=0; while [ $i -lt 256 ]; do printf "\\$(printf %03o $i)"; i=$((i + 1)); done; echo; n=0; while [ $n -lt 20000 ]; do printf "\303\244\342\202\254"; n=$((n + 1)); done; echo'
  for driver in k8s-file json-file; do
    coracle run --name $driver --network none --log-driver $driver "$BB" sh -c "$script" >"$CT_HOME/wrote"
    coracle logs $driver >"$CT_HOME/logged"
    cmp "$CT_HOME/wrote" "$CT_HOME/logged"
  done
  # Others read the file, too, though JSON has no bytes that are no UTF-8.
  [ "$(jq -r 'select(.log | endswith("\n")).stream' "$(log_file json-file)" | sort | uniq -c | tr -d ' ')" = 3stdout ]
}

@test "none keeps nothing; an unknown driver or option is refused" {
  box n none 'echo gone'
  [ ! -e "$(log_file n)" ]
  run --separate-stderr coracle logs n
  failed_with 125 "this container is using the 'none' log driver, cannot read logs"
  run --separate-stderr coracle run --log-driver nonsense --network none "$BB" true
  failed_usage run "must be one of k8s-file|json-file|journald|none"
  run --separate-stderr coracle run --log-opt max-size=much --network none "$BB" true
  failed_with 125 "invalid size"
}

@test "--tail, --since, --until" {
  box c k8s-file 'for i in 1 2 3; do echo $i; done; sleep 1.2; echo 4; sleep 1.2; echo 5'
  [ "$(coracle logs --tail 2 c)" = $'4\n5' ]
  [ "$(coracle logs --tail 0 c)" = "" ]
  [ "$(coracle logs --tail -1 c)" = $'1\n2\n3\n4\n5' ]
  [ "$(coracle logs --tail 99 c)" = $'1\n2\n3\n4\n5' ]
  between() { coracle logs -t c | sed -n "$1s/ .*//p"; }
  [ "$(coracle logs --since "$(between 4)" c)" = $'4\n5' ]
  [ "$(coracle logs --until "$(between 3)" c)" = $'1\n2\n3' ]
  [ "$(coracle logs --since "$(between 4)" --until "$(between 4)" c)" = 4 ]
  [ "$(coracle logs --since 1h c | wc -l)" = 5 ]
  [ "$(coracle logs --until 1h c | wc -l)" = 5 ]
  [ "$(coracle logs --until -1h c | wc -l)" = 0 ]
  [ "$(coracle logs --since "$(date -d '1 hour ago' +%s)" --tail 1 c)" = 5 ]
  run --separate-stderr coracle logs --since yesterday-ish c
  failed_with 125 'unable to interpret time value'
  run --separate-stderr coracle logs --tail few c
  failed_with 125 'tail'
}

@test "--latest, several with ids, names and colours" {
  box one k8s-file 'echo a; echo b'
  box two json-file 'sleep 0.2; echo c'
  [ "$(coracle logs -l)" = c ]
  run --separate-stderr coracle logs -l one
  failed_with 125 "--latest and containers cannot be used together"
  id=$(coracle inspect --format '{{.Id}}' one | cut -c1-12)
  run -0 coracle logs one two
  [ "${lines[0]}" = "$id a" ]
  [ "${lines[1]}" = "$id b" ]
  run -0 coracle logs --names one two
  [ "$output" = $'one a\none b\ntwo c' ]
  run -0 coracle logs --names --color one two
  [ "$output" = $'\e[37mone a\e[0m\n\e[37mone b\e[0m\n\e[31mtwo c\e[0m' ]
}

@test "a line is seen before it ends" {
  coracle run -d --name c --network none "$BB" sh -c 'printf "name: "; while [ ! -e /go ]; do sleep 0.1; done; echo me; sleep 1000'
  wait_for 5 sh -c "[ \"\$('$CORACLE' logs c)\" = 'name: ' ]"
  "$CORACLE" logs -f c >"$CT_HOME/followed" 3>&- &
  follower=$!
  wait_for 5 grep -q 'name: ' "$CT_HOME/followed"
  coracle exec c touch /go
  wait_for 5 grep -qx 'name: me' "$CT_HOME/followed"
  [ "$(coracle logs --tail 1 c)" = "name: me" ]
  kill $follower
}

@test "-f through rotations loses nothing; two files are kept" {
  coracle run -d --name c --network none --log-opt max-size=20kb "$BB" \
    sh -c 'while [ ! -e /go ]; do sleep 0.05; done; i=1; while [ $i -le 3000 ]; do echo "line $i"; [ $((i % 100)) != 0 ] || sleep 0.05; i=$((i + 1)); done'
  "$CORACLE" logs -f c >"$CT_HOME/followed" 3>&- &
  follower=$!
  sleep 0.3
  coracle exec c touch /go
  wait $follower
  seq -f 'line %.0f' 3000 | cmp - "$CT_HOME/followed"
  file=$(log_file c)
  [ "$(stat -c %s "$file")" -le 20480 ]
  [ "$(stat -c %s "$file.1")" -le 20480 ]
  [ "$(ls "${file%/*}" | grep -c '^ctr\.log')" = 2 ]
  # What is left are the last lines, in order and without a hole.
  coracle logs c >"$CT_HOME/left"
  tail -n "$(wc -l <"$CT_HOME/left")" "$CT_HOME/followed" | cmp - "$CT_HOME/left"
  [ "$(coracle logs --tail 1 c)" = "line 3000" ]
}

@test "a file of one's own, which others may rotate" {
  coracle run -d --name c --network none --log-opt path="$CT_HOME/own.log" "$BB" \
    sh -c 'echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two'
  wait_for 5 grep -q ' stdout F one$' "$CT_HOME/own.log"
  [ "$(coracle logs c)" = one ]
  coracle exec c touch /go
  coracle wait c
  [ "$(coracle logs c)" = $'one\ntwo' ]
  coracle rm c
  [ -e "$CT_HOME/own.log" ]
}

# ---- the journal ----

# with_journal SCRIPT: in a mount namespace where a socket listens in journald's place. What comes is
# in CT_HOME/journal, a datagram behind the other, and journalctl prints what is in CT_HOME/journal.json.
with_journal() {
  mkdir -p "$CT_HOME/bin"
  printf '#!/bin/sh\necho "$*" >>"%s/journalctl.args"\nexec cat "%s/journal.json"\n' "$CT_HOME" "$CT_HOME" >"$CT_HOME/bin/journalctl"
  chmod +x "$CT_HOME/bin/journalctl"
  cat >"$CT_HOME/inside" <<'END'
mount -t tmpfs none /run
mkdir -p /run/systemd/journal
socat -u UNIX-RECV:/run/systemd/journal/socket OPEN:"$CT_HOME/journal",creat,append &
reader=$!
while [ ! -S /run/systemd/journal/socket ]; do sleep 0.05; done
PATH=$CT_HOME/bin:$PATH
export XDG_DATA_HOME=$CT_HOME/jdata XDG_RUNTIME_DIR=$CT_HOME/jrun
mkdir -p -m 0700 "$XDG_RUNTIME_DIR"
"$CORACLE" pull -q "$BB" >/dev/null || exit 99
sh -c "$1"
status=$?
"$CORACLE" rm -fa -t 0 >/dev/null 2>&1
"$CORACLE" system migrate
kill $reader
exit $status
END
  CT_HOME=$CT_HOME unshare --user --map-root-user --mount sh "$CT_HOME/inside" "$1" 3>&-
}

@test "journald: a datagram for each line, and logs asks journalctl" {
  need_command journalctl
  rm -f "$CT_HOME/journal" "$CT_HOME/journalctl.args"
  cat >"$CT_HOME/journal.json" <<'END'
{"__REALTIME_TIMESTAMP":"1000000","PRIORITY":"6","MESSAGE":"out"}
{"__REALTIME_TIMESTAMP":"2000000","PRIORITY":"3","MESSAGE":"err"}
END
  run -0 --separate-stderr with_journal '
    "$CORACLE" run --name web --network none --log-driver journald --log-opt tag=mark $BB sh -c "echo out; sleep 0.1; echo err >&2; sleep 0.1; printf end" >/dev/null 2>&1
    "$CORACLE" inspect --format "{{.Id}}" web >$CT_HOME/id
    "$CORACLE" logs --tail 7 -t web'
  [ "$output" = "1970-01-01T00:00:01.000000000Z out" ]
  [[ "$stderr" = *"1970-01-01T00:00:02.000000000Z err" ]] || { echo "$stderr"; return 1; }
  id=$(cat "$CT_HOME/id")
  grep -qF -- "--lines=7" "$CT_HOME/journalctl.args"
  grep -qF "CONTAINER_ID_FULL=$id" "$CT_HOME/journalctl.args"
  [ "$(grep -c "^CONTAINER_ID_FULL=$id\$" "$CT_HOME/journal")" = 3 ]
  [ "$(grep -c '^CONTAINER_NAME=web$' "$CT_HOME/journal")" = 3 ]
  [ "$(grep -c '^CONTAINER_TAG=mark$' "$CT_HOME/journal")" = 3 ]
  [ "$(grep -E '^(PRIORITY|MESSAGE|CONTAINER_PARTIAL_MESSAGE)=' "$CT_HOME/journal" | tr '\n' ' ')" = \
    "PRIORITY=6 MESSAGE=out PRIORITY=3 MESSAGE=err PRIORITY=6 CONTAINER_PARTIAL_MESSAGE=true MESSAGE=end " ]
}

@test "journald: without a journal it is said before anything runs" {
  [ ! -e /run/systemd/journal/socket ] || skip "this machine has a journal"
  run --separate-stderr coracle run --rm --log-driver journald --network none "$BB" true
  failed_with 125 "driver journald needs systemd's journal"
}
