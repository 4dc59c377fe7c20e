#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# restart, rename, container prune, port, wait.

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

started_at() {
  coracle inspect --format '{{.State.StartedAt}}' "$1"
}

@test "restart: one that runs runs anew, one that does not is started, both are echoed" {
  coracle run -d --name a --network none "$BB" sleep 100
  before=$(started_at a)
  run -0 --separate-stderr coracle restart -t 0 a
  [ "$output" = a ]
  [ -z "$stderr" ]
  [ "$(started_at a)" != "$before" ]
  [ "$(coracle inspect --format '{{.State.Status}}' a)" = running ]
  coracle stop -t 0 a
  run -0 coracle restart a
  [ "$(coracle inspect --format '{{.State.Status}}' a)" = running ]
}

@test "restart --running leaves the others alone; an unknown one is an error" {
  coracle run -d --name a --network none "$BB" sleep 100
  coracle create --name b --network none "$BB" sleep 100
  run -0 coracle restart --running -t 0
  [ "$(coracle inspect --format '{{.State.Status}}' b)" = created ]
  run --separate-stderr coracle restart nobody
  failed_with 125 "no such container"
}

@test "rename: while it runs, the old name is free, --rm removes the new one" {
  coracle run -d --rm --name old --network none "$BB" sleep 100
  run -0 coracle rename old new
  [ -z "$output" ]
  run -0 coracle ps --format '{{.Names}}'
  [ "$output" = new ]
  run --separate-stderr coracle inspect old
  failed_with 125 ""
  coracle create --name old --network none "$BB" true
  coracle stop -t 0 new
  wait_for 5 sh -c "! '$CORACLE' container exists new"
  coracle create --name new --network none "$BB" true
}

@test "rename: taken, unknown and bad names" {
  coracle create --name a --network none "$BB" true
  coracle create --name b --network none "$BB" true
  run --separate-stderr coracle rename a b
  failed_with 125 "already in use"
  run --separate-stderr coracle rename nobody c
  failed_with 125 "no such container"
  run --separate-stderr coracle rename a '../x'
  failed_with 125 ""
  run -0 coracle rename a a
  run -0 sh -c "'$CORACLE' ps -a --format '{{.Names}}' | sort"
  [ "$output" = $'a\nb' ]
}

@test "container prune: what does not run, by label and age" {
  coracle run -d --name runs --network none "$BB" sleep 100
  coracle create --name one --label keep=yes --network none "$BB" true
  coracle create --name two --label keep=no --network none "$BB" true
  run -0 coracle container prune -f --filter until=1h
  [ -z "$output" ]
  run -0 coracle container prune -f --filter label=keep=no
  [ ${#output} = 64 ]
  run -0 sh -c "'$CORACLE' ps -a --format '{{.Names}}' | sort"
  [ "$output" = $'one\nruns' ]
  coracle container prune -f
  run -0 coracle ps -a --format '{{.Names}}'
  [ "$output" = runs ]
  run --separate-stderr coracle container prune -f --filter color=red
  failed_with 125 "color=red"
}

@test "port" {
  port=$(free_port)
  coracle run -d --name p -p "127.0.0.1:$port:80" "$BB" sleep 100
  run -0 coracle port p
  [ "$output" = "80/tcp -> 127.0.0.1:$port" ]
  run -0 coracle port p 80
  [ "$output" = "127.0.0.1:$port" ]
  run -0 coracle port -a
  [[ "$output" == *"80/tcp -> 127.0.0.1:$port" ]]
  run --separate-stderr coracle port p 81
  failed_with 125 ""
  run --separate-stderr coracle port nobody
  failed_with 125 "no such container"
}

@test "wait: exit codes in order, conditions, unknown ones" {
  coracle run -d --name a --network none "$BB" sh -c 'exit 3'
  coracle run -d --name b --network none "$BB" sh -c 'sleep 0.3; exit 4'
  run -0 coracle wait a b
  [ "$output" = $'3\n4' ]
  coracle create --name c --network none "$BB" sleep 100
  (sleep 0.5; coracle start c >/dev/null) 3>&- &
  run -0 timeout 10 "$CORACLE" wait --condition running,exited c
  [ "$output" = -1 ]
  run -0 timeout 10 "$CORACLE" wait --condition created,running --interval 20ms c
  run --separate-stderr coracle wait --condition asleep c
  failed_with 125 "asleep"
  run --separate-stderr coracle wait --interval soon c
  failed_with 125 "soon"
  run -0 coracle wait --ignore nobody
  [ "$output" = -1 ]
  run --separate-stderr coracle wait nobody
  failed_with 125 "no such container"
}
