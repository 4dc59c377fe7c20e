#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Which containers a verb means that takes several, and what it says of each: stop, kill, start,
# restart, rm, wait, exists.

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

runs() {
  coracle run -d --name "$1" --label "of=$1" --network "${2:-none}" "$BB" sleep 1000
}

idle() {
  coracle create --name "$1" --label "of=$1" --network "${2:-none}" "$BB" true
}

# NAME STATE of all, the oldest first, on a line.
states() {
  coracle ps -a --format '{{.Names}}={{.State}}' | tr '\n' ' '
}

@test "what was named is echoed: names, prefixes, ids" {
  id=$(runs a)
  runs b
  run -0 --separate-stderr coracle stop -t 0 a "${id:0:10}" "$id"
  [ "$output" = a$'\n'"${id:0:10}"$'\n'"$id" ]
  [ -z "$stderr" ]
  run -0 --separate-stderr coracle start "${id:0:10}"
  [ "$output" = "${id:0:10}" ]
  run -0 --separate-stderr coracle restart -t 0 a b
  [ "$output" = a$'\n'b ]
  run -0 --separate-stderr coracle kill a b
  [ "$output" = a$'\n'b ]
  [ -z "$stderr" ]
  run -0 --separate-stderr coracle rm a b
  [ "$output" = a$'\n'b ]
}

@test "--all, --latest and --filter print full ids" {
  a=$(runs a)
  b=$(idle b)
  run -0 coracle stop -t 0 --filter label=of=a
  [ "$output" = "$a" ]
  run -0 coracle start -f name=^a -f status=exited
  [ "$output" = "$a" ]
  [ "$(states)" = "a=running b=created " ]
  run -0 coracle start --filter name=nobody
  [ -z "$output" ]
  run -0 coracle restart -t 0 -f label=of=a
  [ "$output" = "$a" ]
  run -0 coracle kill --all
  [ "$output" = "$a" ]
  run -0 coracle start --all
  [ "$output" = "$a"$'\n'"$b" ]
  run -0 coracle stop -t 0 -l
  [ "$output" = "$b" ]
  run -0 coracle wait -l
  [ "$output" = 0 ]
  run -0 coracle rm -l
  [ "$output" = "$b" ]
  run -0 coracle rm -f -t 0 --filter label=of=a --filter label=of
  [ "$output" = "$a" ]
  [ -z "$(states)" ]
  run -0 coracle rm -a
  [ -z "$output" ]
  run --separate-stderr coracle stop -f color=red
  failed_with 125 "color is an invalid filter"
}

@test "what cannot go together is refused in podman's words" {
  idle a
  for wrong in "stop::you must provide at least one name or id" "stop:-a a:no arguments are needed with --all" \
    "stop:-l a:--latest and containers cannot be used together" "kill:-a -l:--all and --latest cannot be used together" \
    "rm:-l --cidfile x:--all, --latest, and --cidfile cannot be used together" \
    "restart:-a --cidfile x:--all, --latest, and --cidfile cannot be used together" \
    "stop:-f name=a a:--filter takes no arguments" "rm:a -t 3:--force option must be specified to use the --time option" \
    "start:--sig-proxy a:you cannot use sig-proxy without --attach" \
    "start:-a a b:you cannot start and attach multiple containers at once" "wait::requires a name, id" \
    "kill:-s foo a:invalid signal: foo"; do
    verb=${wrong%%:*}
    rest=${wrong#*:}
    run --separate-stderr coracle "$verb" ${rest%%:*}
    failed_with 125 "${rest#*:}"
    [ -z "$output" ]
  done
  [ "$(states)" = "a=created " ]
}

@test "exit codes: 125 for our own errors, 1 for rm of nothing, 2 for rm of what runs" {
  for verb in stop kill start restart wait; do
    run --separate-stderr coracle "$verb" nobody
    failed_with 125 'no container with name or ID "nobody" found: no such container'
  done
  run --separate-stderr coracle rm nobody
  failed_with 1 "no such container"
  runs a
  run --separate-stderr coracle rm a
  failed_with 2 "running or paused containers cannot be removed without force"
  idle b
  # The others have their turn.
  run --separate-stderr coracle rm nobody b
  [ "$status" = 1 ]
  [ "$output" = b ]
  coracle stop -t 0 a
  run --separate-stderr coracle kill a
  failed_with 125 "can only kill running containers"
  run -0 --separate-stderr coracle stop a
  [ "$output" = a ]
  run -0 coracle container exists a
  run -1 --separate-stderr coracle container exists nobody
  [ -z "$output$stderr" ]
  run -0 coracle container exists --external a
  run -125 coracle container exists
}

@test "--ignore, and rm --force, make what is not there no error" {
  run -0 --separate-stderr coracle rm -i nobody
  [ -z "$output$stderr" ]
  run -0 --separate-stderr coracle rm -f nobody
  [ -z "$output$stderr" ]
  run -0 --separate-stderr coracle stop -i nobody
  [ -z "$output$stderr" ]
}

@test "--cidfile: an id from a file; a file that is not there is an error in any case" {
  coracle create --cidfile "$CT_HOME/cid" --network none "$BB" sleep 1000
  run -0 coracle start "$(cat "$CT_HOME/cid")"
  run -0 coracle stop -t 0 --cidfile "$CT_HOME/cid"
  [ "$output" = "$(cat "$CT_HOME/cid")" ]
  run -0 coracle restart --cidfile "$CT_HOME/cid"
  run -0 coracle kill --cidfile "$CT_HOME/cid"
  run -0 coracle rm --cidfile "$CT_HOME/cid"
  run --separate-stderr coracle rm --cidfile "$CT_HOME/cid"
  failed_with 1 "no such container"
  run -0 coracle rm -i --cidfile "$CT_HOME/cid"
  run --separate-stderr coracle rm -i --cidfile "$CT_HOME/none"
  failed_with 125 "$CT_HOME/none"
}

@test "a container whose network others use is removed after them" {
  a=$(runs a)
  b=$(runs b container:a)
  c=$(runs c container:b)
  [ "$(coracle inspect --format '{{.HostConfig.NetworkMode}}' b)" = "container:$a" ]
  run --separate-stderr coracle rm -f -t 0 a
  failed_with 125 "container $a has dependent containers which must be removed before it: "
  [ "$(states)" = "a=running b=running c=running " ]
  run --separate-stderr coracle rm --depend b
  failed_with 2 "running"
  run -0 coracle rm -f -t 0 --depend b
  [ "$output" = "$c"$'\n'b ]
  # b is gone: a is free.
  run -0 coracle rm -f -t 0 a
  run --separate-stderr coracle create --network container:nobody "$BB" true
  failed_with 125 "no such container"
  # The name means the container that had it, not the next one.
  a=$(runs a)
  runs b container:a
  coracle rename a old
  runs a
  coracle restart -t 0 b
  [ "$(net_of b)" = "$(net_of old)" ]
  coracle rm -fa -t 0
  [ -z "$(states)" ]
}

net_of() {
  coracle unshare readlink "/proc/$(coracle inspect --format '{{.State.Pid}}' "$1")/ns/net"
}

@test "start --all and restart --all begin with what others need" {
  runs a
  runs b container:a
  coracle stop -t 0 --all
  run -0 coracle start --all
  [ "$(states)" = "a=running b=running " ]
  run -0 coracle restart -t 0 --all
  [ "$(net_of a)" = "$(net_of b)" ]
}

@test "container prune keeps what is needed by one that stays" {
  a=$(runs a)
  coracle create --name b --network container:a --label keep=yes "$BB" true
  coracle stop -t 0 a
  run -0 coracle container prune -f --filter label=of=a
  [ -z "$output" ]
  run -0 coracle container prune -f
  [ "${#lines[@]}" = 2 ]
  [ -z "$(states)" ]
}
