#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Many at once, and what is left when processes are killed at random moments.

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

# shells N COUNT COMMAND: N shells that together run COMMAND COUNT times; prints failures.
shells() {
  for shell in $(seq "$1"); do
    (
      i=$shell
      while [ "$i" -le "$2" ]; do
        sh -c "$3" >"$BATS_TEST_TMPDIR/out.$i" 2>&1 </dev/null || echo "run $i: status $?: $(tail -n 1 "$BATS_TEST_TMPDIR/out.$i")"
        i=$((i + $1))
      done
    ) 3>&- &
  done
  wait
}

nothing_left() {
  no_container_processes
  no_mounts
  [ -z "$(coracle ps -aq)" ]
  [ -z "$(ls "$XDG_DATA_HOME/coracle/containers" "$XDG_DATA_HOME/coracle/container-names" 2>/dev/null | grep -v : | grep .)" ]
  [ -z "$(ls "$XDG_RUNTIME_DIR/coracle/containers" 2>/dev/null)" ]
  store_is_clean
}

@test "200 run --rm from 16 shells all succeed and leave nothing" {
  start=$(date +%s%N)
  failures=$(shells 16 200 "'$CORACLE' run --rm --network none '$BB' true")
  echo "200 runs took $((($(date +%s%N) - start) / 1000000)) ms"
  [ -z "$failures" ] || { echo "$failures"; return 1; }
  nothing_left
}

@test "100 run --rm with the default network from 16 shells" {
  [ -w /dev/net/tun ] || skip "/dev/net/tun is not usable"
  failures=$(shells 16 100 "'$CORACLE' run --rm '$BB' true")
  [ -z "$failures" ] || { echo "$failures"; return 1; }
  nothing_left
}

@test "one of many wins a name" {
  failures=$(shells 8 16 "'$CORACLE' create --name only --network none '$BB' true")
  [ "$(printf '%s\n' "$failures" | grep -c 'already in use')" = 15 ]
  [ "$(coracle ps -aq | wc -l)" = 1 ]
}

# The processes of coracle and its containers in this run, the keeper left out.
victims() {
  container_processes | cut -d' ' -f1
  pgrep -u "$(id -u)" -f "^$CORACLE run" || :
}

@test "50 containers, half killed with SIGKILL together with their coracle processes" {
  port=$(free_port)
  for i in $(seq 50); do
    set -- --network none
    [ "$i" != 7 ] || [ ! -w /dev/net/tun ] || set -- -p "127.0.0.1:$port:80"
    flags=$([ $((i % 2)) = 0 ] && echo --rm || echo -d)
    setsid "$CORACLE" run $flags --name "c$i" "$@" "$BB" sleep 300 >/dev/null 2>&1 </dev/null 3>&- &
    [ $((i % 10)) != 0 ] || sleep 0.$((RANDOM % 4))
    if [ $((i % 5)) = 0 ]; then
      victims | shuf -n 8 | xargs -r kill -KILL 2>/dev/null || :
    fi
  done
  sleep 1
  victims | shuf -n 60 | xargs -r kill -KILL 2>/dev/null || :
  sleep 0.5
  run -0 coracle ps -a
  run -0 coracle images
  run -0 coracle rm -fa -t 0
  # Foreground clients whose container went away end by themselves.
  wait_for 10 sh -c "! pgrep -u $(id -u) -f '^$CORACLE run'" || { pgrep -af "^$CORACLE run"; return 1; }
  coracle rm -fa -t 0
  nothing_left
  if [ -w /dev/net/tun ]; then
    run -0 coracle run --rm --name c7 -p "127.0.0.1:$port:80" "$BB" true
  fi
  for i in 1 2 50; do
    run -0 coracle run --rm --name "c$i" --network none "$BB" true
  done
}

@test "kill -9 of the command alone, of the monitor alone, of the container alone" {
  "$CORACLE" run --rm --name one --network none "$BB" sleep 300 >/dev/null 2>&1 3>&- &
  client=$!
  wait_for 10 sh -c "'$CORACLE' inspect --format '{{.State.Status}}' one | grep -q running"
  kill -9 $client
  coracle rm -f -t 0 one
  coracle run -d --name two --network none "$BB" sleep 300
  monitors=$(container_processes | grep coracle-monitor | cut -d' ' -f1)
  [ -z "$monitors" ] || kill -9 $monitors
  sleep 0.2
  run -0 coracle ps -a
  coracle rm -f -t 0 two
  coracle run -d --name three --network none "$BB" sleep 300
  kill -9 "$(coracle inspect --format '{{.State.Pid}}' three)"
  wait_for 10 sh -c "'$CORACLE' inspect --format '{{.State.Status}}' three | grep -q exited"
  [ "$(coracle inspect --format '{{.State.ExitCode}}' three)" = 137 ]
  coracle rm three
  nothing_left
}
