#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Options for resource limits where no cgroup is delegated; with one, tests/vm/limits.sh.
load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

# The tests' XDG_RUNTIME_DIR has no systemd in it; our own cgroup may still be ours.
need_no_delegation() {
  own=$(sed -n 's/^0:://p' /proc/self/cgroup)
  mount=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
  [ -n "$own" ] && [ -n "$mount" ] || return 0
  [ ! -w "$mount$own/cgroup.procs" ] || skip "the cgroup $own is delegated to this user"
}

refuses() { # TEXT OPTION...
  text=$1
  shift
  run --separate-stderr coracle create --name limits-refused --network none "$@" "$BB" true
  failed_with 125 "$text"
  run coracle container exists limits-refused
  [ "$status" = 1 ]
}

@test "limits that contradict themselves are refused" {
  refuses "must not be less than --memory" --memory 64m --memory-swap 32m
  refuses "needs --memory" --memory-swap 32m
  refuses "--memory-reservation must not be more" -m 64m --memory-reservation 65m
  refuses "--cpus and --cpu-quota exclude each other" --cpus 1 --cpu-quota 50000
  refuses "--cpus and --cpu-period exclude each other" --cpus 1 --cpu-period 50000
  refuses "is not a number of processors" --cpus many
  refuses "--cpu-period must be between" --cpu-period 1
  refuses "--cpu-quota must be at least" --cpu-quota 10
  refuses "--blkio-weight must be between 10 and 1000" --blkio-weight 5
  refuses "cgroups is disabled" --cgroups disabled --pids-limit 5
  refuses "--cgroups split and --cgroup-parent exclude each other" --cgroups split --cgroup-parent a
}

@test "limits that cgroup v2 does not have are refused" {
  refuses "cgroup v2 has no such setting" --memory-swappiness 60
  refuses "is not like CONTROLLER.NAME" --cgroup-conf memory=1
  refuses "is not a resource" --cgroup-conf cgroup.procs=1
}

@test "devices to be throttled are block devices" {
  refuses "is not like /dev/sda:RATE" --device-read-bps 1m
  refuses "is not a rate" --device-write-iops /dev/null:1m
  refuses "/dev/null: not a block device" --device-read-bps /dev/null:1m
  refuses "/dev/missing: No such file or directory" --device-write-bps /dev/missing:1m
}

@test "values of limits are checked where they are read" {
  run --separate-stderr coracle create -m lots "$BB" true
  failed_usage create "must be a number with b, k, m, g or t behind it"
  run --separate-stderr coracle create --cgroups sometimes "$BB" true
  failed_usage create "must be one of enabled|disabled|no-conmon|split"
  run --separate-stderr coracle --cgroup-manager openrc run "$BB" true
  failed_usage "" "must be one of auto|systemd|cgroupfs"
}

@test "without delegation a limit is an error that names the remedy" {
  need_no_delegation
  for option in --memory=64m --cpus=1 --pids-limit=10 --cpuset-cpus=0 --cpu-shares=512 --blkio-weight=100 \
    --cgroup-conf=memory.high=1000000 --cgroup-parent=web --cgroups=split; do
    run --separate-stderr coracle run --rm --network none "$option" "$BB" true
    failed_with 125 "Delegate=yes"
  done
  run --separate-stderr coracle --cgroup-manager systemd run --rm --network none -m 64m "$BB" true
  failed_with 125 "loginctl enable-linger"
  run --separate-stderr coracle --cgroup-manager cgroupfs run --rm --network none -m 64m "$BB" true
  failed_with 125 "Delegate=yes"
  [ -z "$(coracle ps -aq)" ]
  no_container_processes
}

@test "without delegation a container that could not be started says why" {
  need_no_delegation
  coracle create --name limited --network none -m 64m "$BB" true
  run --separate-stderr coracle start limited
  failed_with 125 "resource limits need a cgroup"
  [ "$(coracle inspect --format '{{.State.Status}}' limited)" = created ]
  coracle rm limited
}

@test "without delegation defaults are left out without a word" {
  need_no_delegation
  for option in --cgroups=enabled --cgroups=disabled --cgroups=no-conmon --pids-limit=-1 --memory=0 \
    --cpu-quota=-1; do
    run --separate-stderr coracle run --rm --network none "$option" "$BB" echo fine
    [ "$status/$output/$stderr" = "0/fine/" ]
  done
  run --separate-stderr coracle --cgroup-manager systemd run -d --rm --name unlimited --network none "$BB" sleep 100
  [ "$status/$stderr" = "0/" ]
  [ "$(coracle inspect --format '{{.State.CgroupPath}}' unlimited)" = '' ]
  coracle rm -f -t 0 unlimited
}

@test "inspect shows limits as podman does" {
  coracle create --name shown --network none -m 64m --memory-reservation 32m --cpus 1.5 --cpu-shares 512 \
    --cpuset-cpus 0 --pids-limit 77 --blkio-weight 300 --cgroup-conf memory.high=1000 "$BB" true
  [ "$(coracle inspect shown | jq -c '.[0].HostConfig | [.Memory, .MemorySwap, .MemoryReservation, .NanoCpus,
    .CpuQuota, .CpuPeriod, .CpuShares, .CpusetCpus, .PidsLimit, .BlkioWeight, .CgroupConf, .Cgroups]')" = \
    '[67108864,134217728,33554432,1500000000,150000,100000,512,"0",77,300,{"memory.high":"1000"},"default"]' ]
  [ "$(coracle inspect --format '{{.State.OOMKilled}}' shown)" = false ]
  coracle rm shown
  coracle create --name plain --network none "$BB" true
  [ "$(coracle inspect shown plain 2>/dev/null | jq -c '.[0].HostConfig | [.Memory, .PidsLimit]')" = '[0,2048]' ]
  coracle rm plain
}
