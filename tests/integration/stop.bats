#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# stop: which signal, how long, and what it says.

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

# in_background NAME SIGNAL ACTION [OPTION...]: a container that does ACTION when it gets SIGNAL.
in_background() {
  coracle run -d --network none --name "$1" "${@:4}" "$BB" \
    sh -c "trap '$3' $2; echo ready; while :; do sleep 0.05; done" >/dev/null
  wait_for 10 sh -c "'$CORACLE' logs '$1' | grep -q ready"
}

# bats test_tags=shared
@test "it asks with SIGTERM, echoes the name as given, and keeps the exit code" {
  in_background polite TERM "exit 33"
  assert_state polite running
  prints polite coracle stop polite
  assert_state polite exited 33
  # What has ended already is fine.
  prints polite coracle stop polite
  assert_state polite exited 33
}

# bats test_tags=shared
@test "the container's own stop signal" {
  in_background other USR1 "exit 44" --stop-signal USR1
  prints other coracle container stop -t 5 other
  assert_state other exited 44
}

# bats test_tags=shared
@test "after the time it kills: the flag's, the container's, none" {
  in_background deaf TERM :
  run -0 --separate-stderr coracle stop -t 1 deaf
  assert_output deaf
  assert_state deaf exited 137
  coracle run -d --name stubborn --network none --stop-timeout 1 "$BB" sleep 1000 >/dev/null
  run -0 --separate-stderr coracle stop stubborn
  assert_output stubborn
  assert_state stubborn exited 137
  coracle start stubborn
  prints stubborn coracle stop -t 0 stubborn
  assert_state stubborn exited 137
  assert_inspect stubborn '{{.Config.StopTimeout}}' 1
}

# bats test_tags=shared
@test "several, by prefix of the id, --all, --latest, --cidfile" {
  prints_id coracle run -d --network none --cidfile "$CT_HOME/one.cid" "$BB" sleep 1000
  one=$id
  prints_id coracle run -d --network none --name two "$BB" sleep 1000
  two=$id
  prints_lines "${one:0:12}"$'\n'two coracle stop -t 0 "${one:0:12}" two
  assert_state "$one" exited 137
  assert_state two exited 137
  coracle start two
  prints "$two" coracle stop -t 0 --latest
  coracle start "$one"
  prints "$one" coracle stop -t 0 --cidfile "$CT_HOME/one.cid"
  coracle start two
  # All of them, whether they run or not.
  prints_lines "$one"$'\n'"$two" coracle stop -t 0 -a
  assert_state two exited 137
}

# bats test_tags=shared
@test "--filter, of start and restart, too" {
  for name in one two; do
    prints_id coracle create --name $name --label k=$name --network none "$BB" sleep 1000
  done
  prints "$id" coracle start --filter label=k=two
  assert_state one created
  prints "$id" coracle restart -t 0 --filter name=two
  prints "$id" coracle stop -t 0 --filter status=running
  assert_state two exited 137
  prints "" coracle stop --filter name=nobody
  fails 125 "--filter takes no arguments" coracle stop --filter name=two two
  fails 125 "color is an invalid filter" coracle stop --filter color=red
}

# bats test_tags=shared
@test "what is not there, and what was never started" {
  fails 125 "no such container" coracle stop nobody
  prints "" coracle stop --ignore nobody
  fails 125 "you must provide at least one name or id" coracle stop
  fails 125 "no arguments are needed with --all" coracle stop --all nobody
  fails 125 "--latest and containers cannot be used together" coracle stop --latest nobody
  prints_id coracle create --name made --network none "$BB" true
  prints made coracle stop made
  assert_state made created
}
