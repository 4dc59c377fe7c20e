#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Health checks: who runs them, what they mean, where they show, and what follows.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
  no_container_processes
}

# checked NAME CHECK [OPTION...]: runs for a while, with CHECK.
checked() {
  name=$1 check=$2
  shift 2
  coracle run -d --name "$name" --network none --health-cmd "$check" "$@" "$BB" sleep 100
}

get() {
  coracle inspect --format "$2" "$1"
}

health_is() {
  [ "$(get "$1" '{{.State.Health.Status}}')" = "$2" ]
}

results_at_least() {
  [ "$(get "$1" '{{len .State.Health.Log}}')" -ge "$2" ]
}

@test "healthcheck run: exit codes, what is printed, and what it comes to" {
  checked h 'echo yes; test -e /ok' --health-interval disable --health-retries 2
  health_is h starting
  [[ "$(coracle ps --format '{{.Status}}')" == "Up "*" (starting)" ]]
  run -1 --separate-stderr coracle healthcheck run h
  [ "$output" = unhealthy ]
  [ -z "$stderr" ]
  health_is h starting
  run -1 coracle healthcheck run h
  health_is h unhealthy
  [ "$(get h '{{.State.Health.FailingStreak}}')" = 2 ]
  [[ "$(coracle ps --format '{{.Status}}')" == "Up "*" (unhealthy)" ]]
  coracle exec h touch /ok
  run -0 --separate-stderr coracle healthcheck run h
  [ -z "$output$stderr" ]
  health_is h healthy
  [[ "$(coracle ps --format '{{.Status}}')" == "Up "*" (healthy)" ]]
  run -0 get h '{{json .State.Health}}'
  [ "$(jq -c '[.Status, .FailingStreak, (.Log | map([.ExitCode, .Output]))]' <<<"$output")" = \
    '["healthy",0,[[1,"yes"],[1,"yes"],[0,"yes"]]]' ]
  [ "$output" = "$(get h '{{json .State.Healthcheck}}')" ]
  # The times are in order, and of now.
  run -0 jq -r '.Log[] | .Start, .End' <<<"$output"
  [ "$output" = "$(sort <<<"$output")" ]
}

@test "what is in inspect before, without and after" {
  run -0 coracle create --name none --network none "$BB" true
  [ "$(get none '{{json .State.Health}} {{json .Config.Healthcheck}}')" = \
    '{"Status":"","FailingStreak":0,"Log":null} null' ]
  checked h 'exit 3' --health-interval disable
  [ "$(get h '{{json .Config.Healthcheck}} {{.Config.HealthcheckOnFailureAction}}')" = \
    '{"Test":["CMD-SHELL","exit 3"],"Timeout":30000000000,"Retries":3} none' ]
  run -1 coracle healthcheck run h
  coracle stop -t 0 h
  # The last words of the container that has ended.
  [ "$(get h '{{.State.Health.Status}} {{(index .State.Health.Log 0).ExitCode}}')" = "starting 3" ]
  # Another start knows nothing of that.
  coracle start h
  [ "$(get h '{{json .State.Health}}')" = '{"Status":"starting","FailingStreak":0,"Log":null}' ]
}

@test "healthcheck run: what cannot be checked" {
  coracle run -d --name plain --network none "$BB" sleep 100
  run --separate-stderr coracle healthcheck run plain
  failed_with 125 "has no defined healthcheck"
  coracle create --name still --health-cmd true --network none "$BB" true
  run --separate-stderr coracle healthcheck run still
  failed_with 125 "is not running"
  run --separate-stderr coracle healthcheck run nobody
  failed_with 125 "unable to look up nobody to perform a health check"
}

@test "the monitor checks, and wait waits for it" {
  checked h 'test -e /ok' --health-interval 100ms --health-retries 3
  run -0 timeout 10 "$CORACLE" wait --condition unhealthy h
  [ "$output" = -1 ]
  coracle exec h touch /ok
  run -0 timeout 10 "$CORACLE" wait --condition healthy h
  [ "$(get h '{{.State.Health.FailingStreak}}')" = 0 ]
  run --separate-stderr coracle wait --condition healthy nobody
  failed_with 125 "no such container"
  coracle run -d --name plain --network none "$BB" sleep 100
  run --separate-stderr timeout 10 "$CORACLE" wait --condition healthy plain
  failed_with 125 "has no defined healthcheck"
}

@test "five results are kept, each with 500 characters at most" {
  checked h 'yes | head -c 100000; printf "\\377\\000"' --health-interval 50ms
  wait_for 10 results_at_least h 5
  sleep 0.3
  run -0 get h '{{json .State.Health.Log}}'
  [ "$(jq length <<<"$output")" = 5 ]
  [ "$(jq -c 'map(.Output | length) | unique' <<<"$output")" = '[500]' ]
  checked raw 'printf "a\\377b\\000c"' --health-interval disable
  run -0 coracle healthcheck run raw
  run -0 get raw '{{json .State.Health.Log}}'
  [ "$(jq -r '.[0].Output' <<<"$output")" = $'a\xef\xbf\xbdb\xef\xbf\xbdc' ]
}

@test "the first check comes after the interval, the next one after the last" {
  checked h 'sleep 0.4' --health-interval 600ms
  wait_for 10 results_at_least h 3
  run -0 get h '{{json .State}}'
  set -- $(jq -r '.StartedAt, (.Health.Log[] | .Start, .End)' <<<"$output")
  last=$1
  shift
  while [ $# -ge 2 ]; do
    passed=$((($(date -d "$1" +%s%N) - $(date -d "$last" +%s%N)) / 1000000))
    [ "$passed" -ge 599 ] && [ "$passed" -lt 2000 ] || { echo "$passed ms after $last"; return 1; }
    last=$2
    shift 2
  done
}

@test "a check that hangs is killed, and the container's output does not wait for it" {
  coracle run -d --name h --network none --health-cmd 'echo slow; exec sleep 100' --health-interval 100ms \
    --health-timeout 1s --health-retries 1 "$BB" sh -c 'while :; do echo tick; sleep 0.05; done'
  sleep 0.6
  # It hangs now.
  [ "$(get h '{{len .ExecIDs}}')" = 1 ]
  before=$(coracle logs h | wc -l)
  sleep 0.3
  [ "$(coracle logs h | wc -l)" -gt "$before" ]
  run -0 timeout 10 "$CORACLE" wait --condition unhealthy h
  run -0 get h '{{json (index .State.Health.Log 0)}}'
  [ "$(jq -c '[.ExitCode, .Output]' <<<"$output")" = '[-1,"slow"]' ]
  checked slow 'exec sleep 100' --health-interval disable --health-timeout 500ms
  run --separate-stderr timeout 10 "$CORACLE" healthcheck run slow
  failed_with 125 "healthcheck command exceeded timeout of 0.5s"
}

@test "failures in the start period do not count until it was healthy" {
  checked h 'test -e /ok' --health-interval 50ms --health-retries 1 --health-start-period 1h
  wait_for 10 results_at_least h 5
  health_is h starting
  coracle exec h touch /ok
  run -0 timeout 10 "$CORACLE" wait --condition healthy h
  coracle exec h rm /ok
  run -0 timeout 10 "$CORACLE" wait --condition unhealthy h
}

@test "it has the user, the environment and the directory of the container" {
  checked h 'id -u; echo $A; pwd; test -t 0 || echo no terminal' --health-interval disable -t \
    --user 7 -e A=b -w /tmp
  coracle healthcheck run h
  [ "$(get h '{{(index .State.Health.Log 0).Output}}')" = $'7\nb\n/tmp\nno terminal' ]
}

@test "--health-on-failure kill, stop, restart" {
  checked k false --health-interval 100ms --health-retries 1 --health-on-failure kill --restart always
  coracle run -d --name s --network none --health-cmd false --health-interval 100ms --health-retries 2 \
    --health-on-failure stop "$BB" sh -c 'trap "exit 9" TERM; while :; do sleep 0.05; done'
  checked r 'test -e /never' --health-interval 100ms --health-retries 2 --stop-timeout 1 \
    --health-on-failure restart
  run -0 timeout 10 "$CORACLE" wait k s
  [ "$output" = $'137\n9' ]
  [ "$(get k '{{.State.Status}} {{.RestartCount}} {{.State.Health.Status}}')" = "exited 0 unhealthy" ]
  # sleep ignores TERM as pid 1: a second passes, then it is killed.
  wait_for 10 sh -c "[ \$('$CORACLE' inspect r --format '{{.RestartCount}}') -ge 1 ]"
  wait_for 10 sh -c "[ \$('$CORACLE' inspect r --format '{{.State.Status}}') = running ]"
  run -0 timeout 10 "$CORACLE" stop -t 0 r
  sleep 0.5
  [ "$(get r '{{.State.Status}} {{.State.ConmonPid}}')" = "exited 0" ]
}

@test "healthcheck run does what is to follow, too" {
  checked k false --health-interval disable --health-retries 1 --health-on-failure kill
  run -1 coracle healthcheck run k
  [ "$(get k '{{.State.Status}}')" = exited ]
  checked r false --health-interval disable --health-retries 1 --health-on-failure restart --stop-timeout 0
  started=$(get r '{{.State.StartedAt}}')
  run -1 coracle healthcheck run r
  [ "$(get r '{{.State.Status}}')" = running ]
  [ "$(get r '{{.State.StartedAt}}')" != "$started" ]
}

@test "HEALTHCHECK of the image, and flags over it" {
  coracle create --name base --network none "$BB" true
  coracle commit -q -f docker -c 'HEALTHCHECK --interval=100ms --retries=2 CMD test -e /ok' base checked
  coracle run -d --name h --network none checked sleep 100
  run -0 timeout 10 "$CORACLE" wait --condition unhealthy h
  [ "$(get h '{{json .Config.Healthcheck}}')" = \
    '{"Test":["CMD-SHELL","test -e /ok"],"Interval":100000000,"Timeout":30000000000,"Retries":2}' ]
  coracle run -d --name off --no-healthcheck --network none checked sleep 100
  coracle run -d --name other --health-interval 7s --network none checked sleep 100
  [ "$(get off '{{json .Config.Healthcheck}} {{.State.Health.Status}}')" = '{"Test":["NONE"]} ' ]
  [ "$(get other '{{json .Config.Healthcheck.Interval}}')" = 7000000000 ]
  run -0 coracle ps --filter name=off --format '{{.Status}}'
  [[ "$output" != *"("* ]]
}

@test "grammar, and what is refused" {
  for check in '["CMD","ls","/"]' '["ls","/"]' 'CMD ls /'; do
    coracle create --name c --health-cmd "$check" "$BB" true
    [ "$(get c '{{json .Config.Healthcheck.Test}}')" = '["CMD","ls","/"]' ]
    coracle rm c
  done
  while IFS='|' read -r text options; do
    eval "set -- $options"
    run --separate-stderr coracle create "$@" "$BB" true
    failed_with 125 "$text"
  done <<'END'
invalid healthcheck-interval|--health-cmd true --health-interval soon
missing unit in duration "5"|--health-cmd true --health-interval 5
invalid healthcheck-timeout|--health-cmd true --health-timeout x
invalid healthcheck-start-period|--health-cmd true --health-start-period x
healthcheck-retries must be greater than 0|--health-cmd true --health-retries 0
invalid on-failure action "x"|--health-cmd true --health-on-failure x
cannot set on-failure action to kill without a health check|--health-on-failure kill
cannot specify both --no-healthcheck and --health-cmd|--no-healthcheck --health-cmd true
END
}

@test "a container that ends during a check" {
  coracle run -d --name h --network none --health-cmd 'exec sleep 100' --health-interval 50ms "$BB" \
    sh -c 'sleep 0.6; exit 4'
  run -0 timeout 10 "$CORACLE" wait h
  [ "$output" = 4 ]
  [ "$(get h '{{json .State.Health}}')" = '{"Status":"starting","FailingStreak":0,"Log":null}' ]
  coracle run --rm --name again --network none --health-cmd 'exec sleep 100' --health-interval 50ms "$BB" sleep 0.4
  wait_for 5 store_is_clean
}

@test "events: health_status with each result" {
  since=$(date +%s.%N)
  checked h 'test -e /ok' --health-interval 100ms --health-retries 1
  run -0 timeout 10 "$CORACLE" wait --condition unhealthy h
  coracle exec h touch /ok
  run -0 timeout 10 "$CORACLE" wait --condition healthy h
  run -0 coracle events --stream=false --since "$since" --filter event=health_status --format json
  [ "$(jq -r '[.Status, .health_status // .HealthStatus // .Attributes.health_status] | join(" ")' \
    <<<"$output" | uniq | head -2)" = $'health_status unhealthy\nhealth_status healthy' ] ||
    { echo "$output"; return 1; }
}

@test "one that is paused is not checked" {
  checked h 'echo x' --health-interval 100ms --health-timeout 300ms --health-retries 1
  run -0 timeout 10 "$CORACLE" wait --condition healthy h
  coracle pause h
  sleep 0.5
  before=$(get h '{{json .State.Health.Log}}')
  sleep 0.6
  [ "$(get h '{{json .State.Health.Log}}')" = "$before" ]
  coracle unpause h
  health_is h healthy
  wait_for 5 sh -c "[ '$before' != \"\$('$CORACLE' inspect h --format '{{json .State.Health.Log}}')\" ]"
}
