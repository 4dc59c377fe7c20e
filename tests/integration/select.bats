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

# NAME=STATE of all, the oldest first, on a line.
states() {
  coracle ps -a --format json | jq -r '[.[] | .Names[0] + "=" + .State] | join(" ")'
}

# bats test_tags=shared
@test "what was named is echoed: names, prefixes, ids" {
  id=$(runs a)
  runs b
  prints a$'\n'b coracle stop -t 0 a b
  prints "${id:0:10}" coracle start "${id:0:10}"
  prints "${id:0:10}" coracle stop -t 0 "${id:0:10}"
  prints "$id"$'\n'b coracle start "$id" b
  prints a$'\n'b coracle kill a b
  prints a$'\n'b coracle rm -f -t 0 a b
}

# bats test_tags=shared
@test "--all, --latest and --filter print full ids" {
  a=$(runs a)
  b=$(idle b)
  prints "$a" coracle stop -t 0 --filter label=of=a
  prints "$a" coracle start -f name=^a -f status=exited
  assert_equal "$(states)" "a=running b=created"
  prints "" coracle start --filter name=nobody
  prints "$a" coracle restart -t 0 -f label=of=a
  prints "$a" coracle kill --all
  prints "$b" coracle rm -l
  prints "$a" coracle rm -f -t 0 --filter label=of=a --filter label=of
  assert_equal "$(states)" ""
  prints "" coracle rm -a
  fails 125 "color is an invalid filter" coracle stop -f color=red
  fails 125 "color is an invalid filter" coracle rm --filter color=red
}

@test "pause and unpause --filter" {
  a=$(runs a)
  runs b
  prints "$a" coracle pause -f label=of=a
  assert_equal "$(states)" "a=paused b=running"
  # What is paused does run.
  prints a$'\n'b coracle ps -a --format '{{.Names}}' --filter status=paused --filter status=running
  prints "$a" coracle unpause --filter status=paused
  assert_equal "$(states)" "a=running b=running"
}

@test "start --all, stop --latest, wait --latest" {
  a=$(runs a)
  b=$(idle b)
  coracle stop -t 0 a
  prints "$a"$'\n'"$b" coracle start --all
  prints "$b" coracle stop -t 0 -l
  prints 0 coracle wait -l
}

# bats test_tags=shared
@test "what cannot go together is refused in podman's words" {
  idle a
  for wrong in "stop||you must provide at least one name or id" "rm||you must provide at least one name or id" \
    "stop|-a a|no arguments are needed with --all" "rm|-a a|no arguments are needed with --all" \
    "stop|-l a|--latest and containers cannot be used together" "kill|-a -l|--all and --latest cannot be used together" \
    "rm|-l --cidfile x|--all, --latest, and --cidfile cannot be used together" \
    "stop|-a --cidfile x|--all, --latest, and --cidfile cannot be used together" \
    "stop|-f name=a a|--filter takes no arguments" "rm|a -t 3|--force option must be specified to use the --time option" \
    "start|--sig-proxy a|you cannot use sig-proxy without --attach" "start||start requires at least one argument" \
    "start|-a a b|you cannot start and attach multiple containers at once" "wait||requires a name, id" \
    "start|--all a|either start all containers or the container(s) provided in the arguments" \
    "start|-l a|--latest and containers cannot be used together" "kill|-s foo a|invalid signal: foo"; do
    verb=${wrong%%|*}
    rest=${wrong#*|}
    fails 125 "${rest#*|}" coracle "$verb" ${rest%%|*}
  done
  assert_equal "$(states)" "a=created"
}

# bats test_tags=shared
@test "exit codes: 125 for our own errors, 1 for rm of nothing, 2 for rm of what runs" {
  for verb in stop kill start restart wait; do
    fails 125 'no container with name or ID "nobody" found: no such container' coracle "$verb" nobody
  done
  fails 1 "no such container" coracle rm nobody
  runs a
  fails 2 "running or paused containers cannot be removed without force" coracle rm a
  prints a coracle stop -t 0 a
  fails 125 "can only kill running containers" coracle kill a
  prints a coracle stop a
  prints "" coracle container exists a
  prints "" coracle container exists --external a
  run -1 --separate-stderr coracle container exists nobody
  assert_output ""
  assert_stderr ""
  run -125 coracle container exists
}

@test "one that fails does not keep the others from their turn" {
  idle b
  run --separate-stderr coracle rm nobody b
  [ "$status" = 1 ]
  [ "$output" = b ]
}

# bats test_tags=shared
@test "--ignore, and rm --force, make what is not there no error" {
  prints "" coracle rm -i nobody
  prints "" coracle rm -f nobody
  prints "" coracle stop -i nobody
}

# bats test_tags=shared
@test "--cidfile: an id from a file; a file that is not there is an error in any case" {
  rm -f "$CT_HOME/cid"
  prints_id coracle create --cidfile "$CT_HOME/cid" --network none "$BB" sleep 1000
  assert_equal "$(cat "$CT_HOME/cid")" "$id"
  prints "$id" coracle start "$id"
  prints "$id" coracle kill --cidfile "$CT_HOME/cid"
  prints "$id" coracle rm -f -t 0 --cidfile "$CT_HOME/cid"
  fails 1 "no such container" coracle rm --cidfile "$CT_HOME/cid"
  prints "" coracle rm -i --cidfile "$CT_HOME/cid"
  prints "" coracle stop -i --cidfile "$CT_HOME/cid"
  fails 125 "$CT_HOME/none" coracle rm -i --cidfile "$CT_HOME/none"
  fails 125 "$CT_HOME/none" coracle stop --cidfile "$CT_HOME/none"
}

# bats test_tags=shared
@test "rm --depend: ids of the dependents, and of itself" {
  prints_id coracle create --name a --network none "$BB" true
  a=$id
  prints_id coracle create --name b --network container:a "$BB" true
  fails 125 "container $a has dependent containers which must be removed before it: $id" coracle rm a
  prints "$id"$'\n'"$a" coracle rm --depend a
  assert_equal "$(states)" ""
}

@test "a container whose network others use is removed after them" {
  a=$(runs a)
  b=$(runs b container:a)
  c=$(runs c container:b)
  [ "$(coracle inspect --format '{{.HostConfig.NetworkMode}}' b)" = "container:$a" ]
  run --separate-stderr coracle rm -f -t 0 a
  failed_with 125 "container $a has dependent containers which must be removed before it: "
  [ "$(states)" = "a=running b=running c=running" ]
  run --separate-stderr coracle rm --depend b
  failed_with 2 "running"
  run -0 coracle rm -f -t 0 --depend b
  [ "$output" = "$c"$'\n'"$b" ]
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
  [ "$(states)" = "a=running b=running" ]
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
