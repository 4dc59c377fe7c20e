# SPDX-License-Identifier: Apache-2.0
# Limits, freezer and clean-up with a real cgroup v2, once with each manager. Runs in the machine
# that tests/vm/run boots, as an ordinary user in a login session. Timings have room: an emulated
# machine is some ten times slower than a real one.
tool=/usr/local/libexec/cgroup-tool
images=/sys/fs/cgroup

check() { # NAME COMMAND...
  name=$1
  shift
  if output=$("$@" 2>&1); then
    echo "ok $manager: $name"
  else
    echo "not ok $manager: $name"
    printf '%s\n' "$output" | tail -n 12 | sed 's/^/# /'
  fi
}

c() { coracle --cgroup-manager "$manager" "$@"; }
bb() { c run --rm --network none "$@"; }
inspect() { c inspect --format "{{.State.$2}}" "$1"; }
expect() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; return 1; }; }
# shellcheck disable=SC2254
matches() { case $1 in $2) ;; *) echo "\"$1\" is not like \"$2\""; return 1 ;; esac; }
within() { # VALUE LOW HIGH
  [ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { echo "$1 is not between $2 and $3"; return 1; }
}
wait_until() { # SECONDS COMMAND...
  tries=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "not in time: $*"; return 1; }
    sleep 0.1
  done
}
field() { "$tool" usage "$1" | sed -n "s/^$2 //p"; }
has_ended() { [ "$(inspect "$1" Status)" = exited ]; }
is_running() { [ "$(inspect "$1" Status)" = running ]; }
gone() { [ ! -e "$images$1" ] && [ ! -e "$images${1%/container}" ]; }

begins_in_its_own_cgroup() {
  expect "$(bb "$image" cat /proc/self/cgroup)" 0::/ &&
    expect "$(bb "$image" sh -c 'cat /sys/fs/cgroup/pids.max || echo none' 2>/dev/null)" "$1" &&
    ! bb "$image" sh -c 'echo 1 >/sys/fs/cgroup/cgroup.freeze'
}

limits_are_written() {
  expect "$(bb -m 64m --memory-swap 96m --memory-reservation 32m --cpus 1.5 --cpu-shares 512 \
    --pids-limit 77 --cgroup-conf memory.high=50331648 "$image" sh -c 'cd /sys/fs/cgroup &&
    cat memory.max memory.swap.max memory.low memory.high cpu.max cpu.weight pids.max' | tr '\n' ' ')" \
    '67108864 33554432 33554432 50331648 150000 100000 20 77 '
}

hog_is_killed() {
  status=0
  c run --name hog --network none -m 32m --memory-swap 32m "$image" tail /dev/zero || status=$?
  expect "$status" 137 && expect "$(inspect hog OOMKilled)" true &&
    expect "$(inspect hog ExitCode)" 137 && c rm hog
}

killed_child_is_noted() {
  expect "$(c run --name hog --network none -m 32m --memory-swap 32m "$image" \
    sh -c 'tail /dev/zero || echo went on')" 'went on' &&
    expect "$(inspect hog OOMKilled)/$(inspect hog ExitCode)" true/0 && c rm hog
}

modest_one_is_not() {
  c run --name modest --network none -m 64m "$image" true &&
    expect "$(inspect modest OOMKilled)" false && c rm modest
}

bomb_stops() {
  c run -d --name bomb --network none --pids-limit 30 "$image" \
    sh -c 'b() { b | b & }; b; while :; do sleep 1; done' || return
  path=$(inspect bomb CgroupPath)
  wait_until 30 grep -q '^max [1-9]' "$images$path/pids.events" &&
    within "$(cat "$images$path/pids.current")" 2 30 &&
    expect "$(field "$path" pids_limit)" 30 && c rm -f -t 0 bomb && wait_until 10 gone "$path"
}

quota_holds() {
  c run -d --name busy --network none --cpus 0.5 "$image" \
    sh -c '(while :; do :; done) & while :; do :; done' || return
  path=$(inspect busy CgroupPath)
  sleep 2
  before=$(field "$path" cpu_usec)
  began=$(date +%s%N)
  sleep 8
  after=$(field "$path" cpu_usec)
  ended=$(date +%s%N)
  percent=$(((after - before) * 100000 / (ended - began)))
  echo "# $manager: --cpus 0.5 is $percent % of a processor" >&3
  within "$percent" 45 55 && c rm -f -t 0 busy
}

frozen_one_rests() {
  c run -d --name busy --network none "$image" sh -c 'while :; do :; done' || return
  path=$(inspect busy CgroupPath)
  "$tool" freeze "$path" || return
  before=$(field "$path" cpu_usec)
  sleep 2
  within "$(($(field "$path" cpu_usec) - before))" 0 1000 || return
  "$tool" thaw "$path" || return
  sleep 2
  within "$(($(field "$path" cpu_usec) - before))" 100000 9000000 && c rm -f -t 0 busy
}

uses_little() { # PATH USEC
  within "$(($(field "$1" cpu_usec) - $2))" 0 1000
}

paused_one_rests() {
  c run -d --name busy --network none "$image" sh -c 'while :; do sh -c :; done' || return
  path=$(inspect busy CgroupPath)
  expect "$(c pause busy)" busy &&
    expect "$(inspect busy Status)/$(inspect busy Paused)/$(inspect busy PauseMethod)" paused/true/cgroup &&
    grep -q '^frozen 1' "$images$path/cgroup.events" || return
  before=$(field "$path" cpu_usec)
  sleep 2
  uses_little "$path" "$before" && expect "$(c ps -a --filter status=paused --format '{{.Names}} {{.Status}}')" 'busy Paused' &&
    ! c exec busy true && ! c stop -t 0 busy && ! c pause busy && expect "$(c unpause busy)" busy &&
    expect "$(inspect busy Status)/$(inspect busy PauseMethod)" running/ || return
  sleep 2
  within "$(($(field "$path" cpu_usec) - before))" 100000 9000000
}

# The state is that of the cgroup, whoever has frozen it.
pause_is_what_the_cgroup_says() {
  path=$(inspect busy CgroupPath)
  echo 1 >"$images$path/cgroup.freeze"
  wait_until 10 grep -q '^frozen 1' "$images$path/cgroup.events" && expect "$(inspect busy Status)" paused &&
    c unpause busy && c pause busy && echo 0 >"$images$path/cgroup.freeze" &&
    wait_until 10 grep -q '^frozen 0' "$images$path/cgroup.events" && expect "$(inspect busy Status)" running
}

commit_ends_its_pause_only() {
  c commit -q busy localhost/one && expect "$(inspect busy Status)" running && c pause busy &&
    c commit -q busy localhost/two && expect "$(inspect busy Status)" paused && c rmi localhost/one localhost/two
}

paused_one_can_be_killed() {
  path=$(inspect busy CgroupPath)
  expect "$(inspect busy Status)" paused && c kill busy && expect "$(inspect busy ExitCode)" 137 && c start busy &&
    c pause busy && c rm -f busy && wait_until 10 gone "$path"
}

# The processes of a container belong to other ids: it takes the user namespace to stop them.
stopped_one_rests() {
  c run -d --name busy --network none "$image" sh -c 'while :; do sh -c :; done' || return
  path=$(inspect busy CgroupPath)
  pid=$(inspect busy Pid)
  c unshare "$tool" stop "$pid" || return
  before=$(field "$path" cpu_usec)
  sleep 2
  within "$(($(field "$path" cpu_usec) - before))" 0 1000 || return
  within "$(c unshare "$tool" usage "$pid" | sed -n 's/^pids //p')" 1 3 || return
  c unshare "$tool" continue "$pid" || return
  sleep 2
  within "$(($(field "$path" cpu_usec) - before))" 100000 9000000 && c rm -f -t 0 busy
}

numbers_agree() {
  c run -d --name sleeper --network none -m 64m "$image" sh -c 'sleep 1000 & wait' || return
  path=$(inspect sleeper CgroupPath)
  sleep 1
  expect "$(field "$path" memory_limit_bytes)" 67108864 &&
    within "$(field "$path" memory_bytes)" "$(($(cat "$images$path/memory.current") * 8 / 10))" 20000000 &&
    expect "$(field "$path" pids)" "$(cat "$images$path/pids.current")" &&
    expect "$(sed -n 's/^usage_usec //p' "$images$path/cpu.stat")" "$(field "$path" cpu_usec)"
}

stat_of() { c stats --no-stream --format "{{.$2}}" "$1"; }

stats_agree_with_the_cgroup() {
  path=$(inspect sleeper CgroupPath)
  c exec sleeper sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; head -c 3000000 /dev/zero >/file; sync'
  expect "$(stat_of sleeper Source)" cgroup && expect "$(stat_of sleeper MemLimit)" 67108864 &&
    expect "$(stat_of sleeper PIDS)" "$(cat "$images$path/pids.current")" &&
    expect "$(stat_of sleeper CPUNano)" "$(($(sed -n 's/^usage_usec //p' "$images$path/cpu.stat") * 1000))" &&
    expect "$(stat_of sleeper BlockOutput)" \
      "$(tr ' ' '\n' <"$images$path/io.stat" | awk -F= '$1 == "wbytes" { n += $2 } END { print n + 0 }')" || return
  memory=$(($(cat "$images$path/memory.current") - $(sed -n 's/^inactive_file //p' "$images$path/memory.stat")))
  shown=$(c stats --no-stream --format json sleeper | sed -n 's/.*"mem_usage": "\([0-9.]*\)\([kM]\)B .*/\1 \2/p' |
    awk '{ print int($1 * ($2 == "k" ? 1000 : 1000000)) }')
  within "$shown" "$((memory * 9 / 10))" "$((memory * 11 / 10))"
}

# From 100 % to 30 % of a processor, and back. On a busy host it may get less than it is allowed.
update_changes_the_quota() {
  c run -d --name busy --network none --cpus 1 "$image" sh -c '(while :; do :; done) & while :; do :; done' || return
  path=$(inspect busy CgroupPath)
  c update --cpus 0.3 busy && expect "$(cat "$images$path/cpu.max")" '30000 100000' || return
  sleep 1
  before=$(field "$path" cpu_usec)
  began=$(date +%s%N)
  sleep 6
  percent=$((($(field "$path" cpu_usec) - before) * 100000 / ($(date +%s%N) - began)))
  echo "# $manager: --cpus 0.3 is $percent % of a processor" >&3
  within "$percent" 15 33 && c update --cpus 0 busy && expect "$(cat "$images$path/cpu.max")" 'max 100000' &&
    c rm -f -t 0 busy
}

update_changes_all_limits() {
  path=$(inspect sleeper CgroupPath)
  c update -m 128m --memory-reservation 16m --pids-limit 55 --cpu-shares 512 --cgroup-conf memory.high=50331648 sleeper &&
    expect "$(cd "$images$path" && cat memory.max memory.swap.max memory.low pids.max cpu.weight memory.high | tr '\n' ' ')" \
      '134217728 134217728 16777216 55 20 50331648 ' &&
    expect "$(c inspect --format '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}' sleeper)" '134217728 55' &&
    ! c update --cgroup-conf memory.max=nonsense sleeper &&
    expect "$(c inspect --format '{{json .HostConfig.CgroupConf}}' sleeper)" '{"memory.high":"50331648"}' &&
    c update -m 0 --pids-limit -1 sleeper &&
    expect "$(cd "$images$path" && cat memory.max memory.swap.max pids.max | tr '\n' ' ')" 'max max max ' &&
    c update -m 64m sleeper
}

# A hog that fits into its limit until that is lowered.
lowered_limit_kills() {
  c run -d --name hog --network none -m 200m --memory-swap 200m "$image" \
    sh -c 'x=$(head -c 40000000 /dev/zero | tr "\0" x); echo ready; sleep 1000; echo $x' || return
  wait_until 60 sh -c "coracle logs hog | grep -q ready" && c update -m 16m --memory-swap 16m hog &&
    wait_until 30 has_ended hog && expect "$(inspect hog OOMKilled)/$(inspect hog ExitCode)" true/137 && c rm hog
}

updated_limits_last() {
  c stop -t 0 sleeper && c start sleeper &&
    expect "$(cat "$images$(inspect sleeper CgroupPath)/memory.max")" 67108864
}

# The monitor starts it again by itself, with what was written meanwhile.
next_life_has_them() {
  c run -d --name phoenix --restart always --network none -m 64m "$image" sleep 1000 || return
  c update -m 32m phoenix && kill -9 "$(inspect phoenix Pid)" 2>/dev/null || c unshare kill -9 "$(inspect phoenix Pid)"
  reborn() { [ "$(c inspect --format '{{.State.Status}}/{{.RestartCount}}' phoenix)" = running/1 ]; }
  wait_until 30 reborn && expect "$(cat "$images$(inspect phoenix CgroupPath)/memory.max")" 33554432 &&
    c rm -f -t 0 phoenix
}

# Everything but the program is there: so is its cgroup.
initialized_one_has_its_cgroup() {
  c create --name fresh --network none -m 64m "$image" sleep 1000 && c init fresh || return
  path=$(inspect fresh CgroupPath)
  expect "$(cat "$images$path/memory.max" "$images$path/pids.current" | tr '\n' ' ')" '67108864 1 ' &&
    c update -m 32m fresh && expect "$(cat "$images$path/memory.max")" 33554432 && c start fresh &&
    expect "$(inspect fresh Status)/$(inspect fresh CgroupPath)" "running/$path" && c rm -f -t 0 fresh &&
    wait_until 10 gone "$path"
}

limits_change_while_it_runs() {
  "$tool" update "$(inspect sleeper CgroupPath)" 48000000 &&
    expect "$(cat "$images$(inspect sleeper CgroupPath)/memory.max")" 47996928
}

others_get_in() {
  path=$(inspect sleeper CgroupPath)
  expect "$(c unshare "$tool" add "$path" cat /proc/self/cgroup)" "0::$path"
}

# As systemd in a container does it: the cgroup it was given becomes an inner node.
own_cgroups_of_a_container() {
  # shellcheck disable=SC2016
  c run -d --name nested --privileged --network none --pids-limit 50 "$image" sh -c 'cd /sys/fs/cgroup &&
    mkdir -p init a/b/c && echo 1 >init/cgroup.procs && echo +pids >cgroup.subtree_control && exec sleep 1000' ||
    return
  path=$(inspect nested CgroupPath)
  wait_until 10 grep -q pids "$images$path/cgroup.subtree_control" &&
    expect "$(c unshare "$tool" add "$path" cat /proc/self/cgroup)" "0::$path/coracle-exec" &&
    ! c unshare "$tool" add "$path" sh -c 'false' && c rm -f -t 0 nested && wait_until 10 gone "$path"
}

end_of_it_is_clean() {
  path=$(inspect sleeper CgroupPath)
  "$tool" watch "$path" >/tmp/watched &
  c rm -f -t 0 sleeper && wait_until 10 gone "$path" && wait $! && expect "$(cat /tmp/watched)" empty
}

killed_monitor_leaves_nothing() {
  c run -d --name lost --network none -m 64m "$image" sleep 1000 || return
  path=$(inspect lost CgroupPath)
  kill -9 "$(inspect lost ConmonPid)"
  wait_until 10 has_ended lost &&
    wait_until 10 gone "$path" && c start lost && expect "$(inspect lost CgroupPath)" "$path" &&
    c rm -f -t 0 lost && wait_until 10 gone "$path"
}

restarts_at_once() {
  c create --name again --network none -m 64m "$image" true || return
  for i in 1 2 3; do
    c start -a again || return
  done
  c rm again
}

many_at_once() {
  for i in 1 2 3 4 5 6; do
    bb -m 64m "$image" cat /sys/fs/cgroup/memory.max >"/tmp/many.$i" 2>&1 &
  done
  wait
  expect "$(cat /tmp/many.* | sort -u)" 67108864
}

missing_controller_is_told() {
  ! output=$(bb --cpuset-cpus 0 "$image" true 2>&1) &&
    matches "$output" '*cpuset controller is not delegated*'
}

disabled_is_disabled() {
  expect "$(bb --cgroups disabled "$image" sh -c 'cat /proc/self/cgroup | cut -c 1-4')" 0::/ &&
    c run -d --name off --network none --cgroups disabled "$image" sleep 1000 &&
    expect "$(inspect off CgroupPath)" '' && c rm -f -t 0 off
}

parent_is_used() { # OPTION PATTERN
  c run -d --name child --network none --cgroup-parent "$1" -m 64m "$image" sleep 1000 || return
  path=$(inspect child CgroupPath)
  matches "$path" "$2" && expect "$(cat "$images$path/memory.max")" 67108864 &&
    c rm -f -t 0 child && wait_until 10 gone "$path"
}

split_stays_in_our_cgroup() {
  path=$(sed -n 's/^0:://p' /proc/self/cgroup)
  c run -d --name half --network none --cgroups split -m 64m "$image" sleep 1000 || return
  matches "$(inspect half CgroupPath)" "${path%/supervisor}/coracle-*" && c rm -f -t 0 half
}

only_what_lasts_asks_systemd() {
  c run -d --name lasting --network none "$image" sleep 1000 &&
    matches "$(inspect lasting CgroupPath)" '*/user.slice/coracle-*.scope/container' &&
    expect "$(cat "$images$(inspect lasting CgroupPath)/pids.max")" 2048 &&
    c rm -f -t 0 lasting || return
  c run --rm --name short --network none "$image" sleep 1000 &
  wait_until 10 is_running short
  expect "$(inspect short CgroupPath)" '' && c rm -f -t 0 short
}

runs_again() { is_running "$1" && [ "$(c inspect --format '{{.RestartCount}}' "$1")" = "$2" ]; }

policy_restarts_within_the_limits() {
  c run -d --name again --network none --restart on-failure:1 -m 64m "$image" \
    sh -c 'test -e /seen && exec sleep 1000; touch /seen; sleep 3; exit 1' || return
  path=$(inspect again CgroupPath)
  wait_until 60 runs_again again 1 || return
  expect "$(inspect again CgroupPath)" "$path" &&
    expect "$(cat "$images$path/memory.max")" 67108864 &&
    expect "$(grep -c . "$images$path/cgroup.procs")" 1 &&
    c rm -f -t 0 again && wait_until 30 gone "$path"
}

# As at the end of a session: everybody in the scope gets SIGTERM, the monitor too.
end_of_the_scope_is_final() {
  c run -d --name forever --network none --restart always "$image" \
    sh -c 'trap "exit 3" TERM; while :; do sleep 0.2; done' || return
  path=$(inspect forever CgroupPath)
  scope=${path%/container}
  systemctl --user stop "${scope##*/}" && wait_until 30 has_ended forever &&
    expect "$(inspect forever ExitCode)" 3 && wait_until 30 gone "$path" && c rm forever
}

nothing_is_left() {
  left=$(find /sys/fs/cgroup -type d -name 'coracle-*')
  units=$(systemctl --user --no-legend --plain list-units --all 'coracle-*')
  expect "$left$units" ''
}

# Not a test: what a cgroup costs, in a machine that is slow at everything.
measure() {
  for options in --cgroups=disabled --cgroups=enabled; do
    began=$(date +%s%N)
    for i in 1 2 3 4 5; do bb $options "$image" true; done
    echo "# $manager: run $options takes $((($(date +%s%N) - began) / 5000000)) ms" >&3
  done
}

all() {
  check 'a container begins in a cgroup of its own' begins_in_its_own_cgroup "$1"
  check 'limits are what was asked for' limits_are_written
  check 'a hog is killed at the limit' hog_is_killed
  check 'a child that is killed is noted' killed_child_is_noted
  check 'a modest one is not killed' modest_one_is_not
  check 'a fork bomb stops at the limit' bomb_stops
  check 'a quota of processor time holds' quota_holds
  check 'a frozen container rests' frozen_one_rests
  check 'a stopped container rests' stopped_one_rests
  check 'a paused container rests' paused_one_rests
  check 'paused is what the cgroup says' pause_is_what_the_cgroup_says
  check 'commit ends its own pause only' commit_ends_its_pause_only
  check 'a paused container can be killed and removed' paused_one_can_be_killed
  check 'numbers agree with the cgroup' numbers_agree
  check 'stats agree with the cgroup' stats_agree_with_the_cgroup
  check 'update changes every limit' update_changes_all_limits
  check 'a limit that was changed lasts' updated_limits_last
  check 'the next life has what was changed' next_life_has_them
  check 'an initialized container has its cgroup' initialized_one_has_its_cgroup
  check 'update changes the quota of processor time' update_changes_the_quota
  check 'a limit that is lowered kills' lowered_limit_kills
  check 'limits change while it runs' limits_change_while_it_runs
  check 'other processes get in' others_get_in
  check 'a container may have cgroups of its own' own_cgroups_of_a_container
  check 'nothing remains of it' end_of_it_is_clean
  check 'nothing remains when the monitor is killed' killed_monitor_leaves_nothing
  check 'one starts again at once' restarts_at_once
  check 'a policy restarts within the limits' policy_restarts_within_the_limits
  check 'many start at once' many_at_once
  check 'a controller that is missing is told' missing_controller_is_told
  check 'cgroups can be disabled' disabled_is_disabled
}

main() {
  image=localhost/vm
  export image
  mkdir -p /tmp/root/bin /tmp/root/tmp
  cp /bin/busybox /tmp/root/bin
  for applet in $(/bin/busybox --list | grep -vx busybox); do
    ln -sf busybox "/tmp/root/bin/$applet"
  done
  tar -C /tmp/root --owner=0 --group=0 -cf /tmp/root.tar .
  coracle import -q --change 'CMD ["sh"]' /tmp/root.tar $image >/dev/null || return

  manager=systemd
  all 2048
  manager=auto
  check 'only what lasts asks systemd by itself' only_what_lasts_asks_systemd
  manager=systemd
  check 'the end of the scope is final' end_of_the_scope_is_final
  check 'a slice can be the parent' parent_is_used mine.slice '*/mine.slice/coracle-*/container'
  check 'nothing is left of any' nothing_is_left
  measure
  # A scope that is ours: then it works without systemd, too.
  systemd-run --user --scope --quiet -p Delegate=yes sh /run/vm/test delegated
}

delegated() {
  manager=cgroupfs
  # Before anybody has been moved for a limit, the default of processes is left out.
  all none
  check 'a cgroup can be the parent' parent_is_used web/inner '*/web/inner/coracle-*'
  check 'split stays in our cgroup' split_stays_in_our_cgroup
  check 'nothing is left of any' nothing_is_left
  measure
}

exec 3>&1
if [ "${1:-}" = delegated ]; then
  delegated
else
  main | awk '
    /^(not )?ok / { sub(/^(not )?ok/, "& " ++n " -") }
    { print; fflush() }
    END { print "1.." n + 0 }'
fi
