#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# stats, from /proc: numbers of a cgroup are compared in the virtual machine.

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

start() { # NAME [OPTION...] IMAGE COMMAND...
  name=$1
  shift
  coracle run -d --name "$name" --cgroups disabled "$@" >/dev/null
}

stat_of() { # NAME FIELD
  coracle stats --no-stream --format "{{.$2}}" "$1"
}

@test "stats: podman's columns, one row for each that runs" {
  start b --network none "$BB" sleep 100
  start a --network none "$BB" sleep 100
  coracle create --name new --network none "$BB" true
  run -0 --separate-stderr coracle stats --no-stream
  [ -z "$stderr" ]
  [[ ${lines[0]} =~ ^"ID            NAME        CPU %       MEM USAGE / LIMIT  MEM %       NET IO      BLOCK IO "\ +"PIDS        CPU TIME"\ +"AVG CPU %"$ ]]
  [ ${#lines[@]} = 3 ]
  [[ ${lines[1]} =~ ^[0-9a-f]{12}\ +a\ +[0-9.]+%\ +[0-9.]+[kM]?B\ /\ [0-9.]+[MGT]B\ +[0-9.]+%\ +0B\ /\ 0B\ +[0-9.]+[kM]?B\ /\ [0-9.]+[kM]?B\ +1\ +[0-9.]+m?s\ +[0-9.]+%$ ]]
  [[ ${lines[2]} =~ ^[0-9a-f]{12}\ +b\  ]]
  run -0 coracle stats --no-stream -a --format '{{.Name}} {{.PIDS}} {{.MemUsage}}'
  [ ${#lines[@]} = 3 ]
  [ "${lines[2]}" = "new 0 0B / 0B" ]
  run -0 coracle stats --no-stream --format '{{.Name}}' b a
  [ "$output" = "b
a" ]
  run -0 coracle stats --no-stream --format '{{.Name}}' -l
  [ "$output" = new ]
}

@test "stats: JSON with podman's names, ids in full" {
  start a --network none "$BB" sleep 100
  id=$(coracle inspect --format '{{.Id}}' a)
  run -0 coracle stats --no-stream --format json
  [ "$(echo "$output" | jq -r 'map(keys_unsorted | join(" ")) | join("")')" = \
    "id name cpu_time cpu_percent avg_cpu mem_usage mem_percent net_io block_io pids" ]
  [ "$(echo "$output" | jq -r '.[0] | "\(.id) \(.name) \(.pids)"')" = "${id:0:12} a 1" ]
  run -0 coracle stats --no-stream --no-trunc --format '{{.ID}} {{.Source}}'
  [ "$output" = "$id processes" ]
}

@test "stats: processes and threads are counted" {
  start a --network none "$BB" sh -c 'sleep 100 & sleep 100 & sleep 100 & wait'
  four() { [ "$(stat_of a PIDS)" = 4 ]; }
  wait_for 5 four
}

@test "stats: memory is that of its processes, the limit that of the machine" {
  # 20 MiB in a shell's variable.
  start a --network none "$BB" sh -c 'x=$(head -c 20971520 /dev/zero | tr "\0" x); echo ready; sleep 100; echo $x >/dev/null'
  wait_for 10 sh -c "'$CORACLE' logs a | grep -q ready"
  bytes=$(coracle top a rss | awk 'NR > 1 { sum += $1 } END { print sum * 1024 }')
  [ "$bytes" -gt 20971520 ]
  usage=$(stat_of a MemUsage | sed -n 's/^\([0-9.]*\)MB .*/\1/p')
  echo "$usage MB, $bytes bytes"
  [ "$(awk -v u="$usage" -v b="$bytes" 'BEGIN { print (u * 1e6 > b * 0.95 && u * 1e6 < b * 1.05) }')" = 1 ]
  total=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) * 1024))
  [ "$(stat_of a MemLimit)" = "$total" ]
}

@test "stats: used time grows, and the share of it is since the last look" {
  start a --network none "$BB" sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; echo done; exec sleep 100'
  wait_for 30 sh -c "'$CORACLE' logs a | grep -q done"
  # First that since its start, then that of a second in which it slept.
  run -124 timeout 2 "$CORACLE" stats -i 1 --format '{{.CPUPerc}} {{.AVGCPU}} {{.CPUNano}}' a
  read -r percent average used <<<"${lines[0]}"
  [ "$percent" = "$average" ]
  [ "$percent" != 0.00% ]
  [ "$used" -gt 50000000 ]
  read -r percent average used_then <<<"${lines[1]}"
  [ "$percent" = 0.00% ]
  [ "$average" != 0.00% ]
  [ "$used_then" = "$used" ]
}

@test "stats: bytes of its network" {
  start a -p 127.0.0.1::7777 "$BB" sh -c 'nc -l -p 7777 | wc -c; exec sleep 100'
  wait_for 5 coracle exec a sh -c 'grep -q ":1E61 .* 0A " /proc/net/tcp*'
  address=$(coracle port a 7777/tcp)
  head -c 300000 /dev/zero >"/dev/tcp/${address%:*}/${address##*:}"
  wait_for 5 sh -c "'$CORACLE' logs a | grep -q 300000"
  [ "$(stat_of a NetInput)" -gt 300000 ]
  [ "$(stat_of a NetInput)" -lt 600000 ]
  [ "$(stat_of a NetOutput)" -gt 0 ]
  start b --network host "$BB" sleep 100
  [ "$(stat_of b NetIO)" = "0B / 0B" ]
}

@test "stats: bytes that it writes" {
  start a --network none "$BB" sh -c 'head -c 3000000 /dev/zero >/file; exec sleep 100'
  written() { [ "$(stat_of a BlockOutput)" -ge 3000000 ]; }
  wait_for 10 written
  [ "$(stat_of a BlockOutput)" -lt 4000000 ]
}

@test "stats: streams, and in a file without a word for the screen" {
  start a --network none "$BB" sleep 100
  run -124 timeout 2.5 "$CORACLE" stats --interval 1
  [ "$(grep -c "^ID " <<<"$output")" = 3 ]
  [[ $output != *$'\033'* ]]
}

@test "stats: on a terminal the screen is drawn anew" {
  start a --network none "$BB" sleep 100
  run -0 script -qec "timeout 1.5 '$CORACLE' stats -i 1; :" /dev/null
  [ "$(grep -o $'\033\\[2J' <<<"$output" | wc -l)" = 2 ]
  run -0 script -qec "timeout 1.5 '$CORACLE' stats -i 1 --no-reset; :" /dev/null
  [[ $output != *$'\033'* ]]
}

@test "stats: ends with the last of those it was asked to watch, prefixes of ids are no names" {
  start a --network none "$BB" sleep 100
  # Whatever name it has, another's id begins with it.
  for i in 1 2 3 4 5 6 7 8; do coracle create --network none "$BB" true; done
  (sleep 1.5 && coracle rm -f -t 0 a) >/dev/null 3>&- &
  run -0 timeout 10 "$CORACLE" stats -i 1 --format '{{.Name}}' a
  [ "$(sort -u <<<"$output")" = a ]
}

@test "stats: a paused one is measured" {
  start a --network none "$BB" sleep 100
  coracle pause a
  [ "$(stat_of a PIDS)" = 1 ]
}

@test "stats: what is wrong" {
  run --separate-stderr coracle stats --no-stream nobody
  failed_with 125 'no container with name or ID "nobody" found: no such container'
  run --separate-stderr coracle stats -a --latest
  failed_with 125 "--all, --latest and containers cannot be used together"
  run --separate-stderr coracle stats -a x
  failed_with 125 "--all, --latest and containers cannot be used together"
  run --separate-stderr coracle stats -i 0
  failed_with 125 "invalid interval"
  start a --network none "$BB" sleep 100
  run --separate-stderr coracle stats --no-stream --format '{{.Nothing}}'
  failed_with 125 "can't evaluate field Nothing"
}
