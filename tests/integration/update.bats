#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update of what does not run, and what it says without a cgroup. Limits of running containers are
# changed in the virtual machine.

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

config() { # NAME TEMPLATE
  coracle inspect --format "{{with .HostConfig}}$2{{end}}" "$1"
}

@test "update: what was given changes, what was not stays, inspect shows it" {
  coracle create --name a --network none --cpus 1.5 -m 64m --memory-reservation 32m --cpu-shares 512 "$BB" true
  run -0 --separate-stderr coracle update --cpu-shares 2048 --pids-limit 77 --cpuset-cpus 0 a
  [ "$output" = "$(coracle inspect --format '{{.Id}}' a)" ]
  [ -z "$stderr" ]
  run -0 config a '{{.CpuShares}} {{.PidsLimit}} {{.CpusetCpus}} {{.CpuQuota}} {{.CpuPeriod}} {{.Memory}} {{.MemorySwap}} {{.MemoryReservation}}'
  [ "$output" = "2048 77 0 150000 100000 67108864 134217728 33554432" ]
  run -0 coracle events --stream=false --filter event=update --format '{{.Name}}'
  [ "$output" = a ]
  run -0 coracle update --cpus 0.5 -m 128m -l
  run -0 config a '{{.CpuShares}} {{.CpuQuota}} {{.Memory}} {{.MemorySwap}}'
  [ "$output" = "2048 50000 134217728 268435456" ]
  run -0 coracle container update --cpu-quota 20000 --cpu-period 40000 --cgroup-conf memory.high=1000000 a
  run -0 config a '{{.CpuQuota}} {{.CpuPeriod}} {{json .CgroupConf}}'
  [ "$output" = '20000 40000 {"memory.high":"1000000"}' ]
}

@test "update: limits can be taken away" {
  coracle create --name a --network none --cpus 1.5 -m 64m --pids-limit 10 "$BB" true
  coracle update --cpus 0 --memory 0 --pids-limit -1 a
  run -0 config a '{{.CpuQuota}} {{.Memory}} {{.MemorySwap}} {{.PidsLimit}}'
  [ "$output" = "0 0 0 -1" ]
  # Without limits that need a cgroup it starts anywhere.
  coracle start -a a
}

@test "update: a limit of swap that was asked for stays, and has to fit" {
  coracle create --name a --network none -m 64m --memory-swap 100m "$BB" true
  run --separate-stderr coracle update -m 128m a
  failed_with 125 "must not be less than --memory"
  coracle update -m 80m a
  [ "$(config a '{{.Memory}} {{.MemorySwap}}')" = "83886080 104857600" ]
  coracle update -m 128m --memory-swap -1 a
  [ "$(config a '{{.Memory}} {{.MemorySwap}}')" = "134217728 -1" ]
}

@test "update: what is refused changes nothing" {
  coracle create --name a --network none -m 64m "$BB" true
  before=$(coracle inspect a)
  while IFS='|' read -r options message; do
    # shellcheck disable=SC2086
    run --separate-stderr coracle update $options a
    failed_with 125 "$message"
  done <<'END'
--cpu-shares 7 --cpus nothing|--cpus "nothing" is not a number of processors
--cpus 1 --cpu-quota 1000|exclude each other
--blkio-weight 5|--blkio-weight must be between 10 and 1000
--memory-reservation 1g|--memory-reservation must not be more than --memory
--memory-swappiness 3|cgroup v2 has no such setting
--cgroup-conf cgroup.kill=1|is not a resource
--device-read-bps /dev/nothing:1m|/dev/nothing
END
  run --separate-stderr coracle update a
  failed_with 125 "at least one thing to change"
  run --separate-stderr coracle update --cpus 1
  failed_with 125 "one container"
  run --separate-stderr coracle update --cpus 1 nobody
  failed_with 125 'no container with name or ID "nobody" found: no such container'
  coracle create --name off --network none --cgroups disabled "$BB" true
  run --separate-stderr coracle update --cpus 1 off
  failed_with 125 "--cgroups disabled"
  [ "$(coracle inspect a)" = "$before" ]
}

@test "update: one that runs without a cgroup is told what to do, and nothing is recorded" {
  coracle run -d --name a --network none "$BB" sleep 100
  run --separate-stderr coracle update -m 64m a
  if [ -n "$(coracle inspect --format '{{.State.CgroupPath}}' a)" ]; then
    # Delegated here: then it simply works.
    [ "$status/$(config a '{{.Memory}}')" = 0/67108864 ]
    return
  fi
  failed_with 125 "cgroup"
  [[ $stderr == *systemd* || $stderr == *"start it again"* ]]
  [ "$(config a '{{.Memory}}')" = 0 ]
}

@test "update: the container starts with what was recorded" {
  coracle create --name a --network none "$BB" true
  coracle update -m 64m a
  run coracle start -a a
  # With delegation it runs; without, the limit is missed as if it had been created with it.
  [ "$status" = 0 ] || [[ $output == *cgroup* ]]
}

@test "update: from many shells at once, every change is kept" {
  coracle create --name a --network none "$BB" true
  coracle update --cpu-shares 100 a & coracle update --pids-limit 50 a & coracle update --cpuset-cpus 0 a &
  coracle update -m 64m a & coracle update --cgroup-conf io.weight=5 a & coracle update --cpu-quota 5000 a &
  wait
  [ "$(config a '{{.CpuShares}} {{.PidsLimit}} {{.CpusetCpus}} {{.Memory}} {{json .CgroupConf}} {{.CpuQuota}}')" = \
    '100 50 0 67108864 {"io.weight":"5"} 5000' ]
}

policy() {
  coracle inspect --format '{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}' "$1"
}

@test "update --restart: for the end that comes, and for later starts" {
  coracle run -d --name a --network none "$BB" sh -c 'echo x >>/lives; [ $(wc -l </lives) -gt 3 ] || sleep 0.7; exit 3'
  run -0 coracle update --restart on-failure:2 a
  [ "$(policy a)" = on-failure:2 ]
  run -0 coracle wait a
  [ "$output" = 3 ]
  [ "$(coracle inspect --format '{{.RestartCount}}' a)" = 2 ]
  # And back: the first end is the last.
  coracle update --restart no a
  [ "$(policy a)" = no:0 ]
  coracle start a
  coracle wait a
  [ "$(coracle inspect --format '{{.RestartCount}}' a)" = 0 ]
}

@test "update --restart: a policy can be taken from one that runs" {
  coracle run -d --name a --restart always --network none "$BB" sh -c 'sleep 1; exit 4'
  coracle update --restart no a
  run -0 coracle wait a
  [ "$output" = 4 ]
  [ "$(coracle inspect --format '{{.State.Status}} {{.RestartCount}}' a)" = "exited 0" ]
}

@test "update --restart: what is no policy, and --rm" {
  coracle create --name a --network none "$BB" true
  run --separate-stderr coracle update --restart sometimes a
  failed_with 125 "sometimes"
  [[ $(policy a) != sometimes* ]]
  coracle run -d --rm --name b --network none "$BB" sleep 100
  run --separate-stderr coracle update --restart always b
  failed_with 125 "is removed when it ends"
}
