#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inspect of containers and images: the fields that podman prints, their types, their values.

load helpers

# Key paths of podman that are not ours, and why. Behind "=" are the types, ours and podman's, where
# those differ.
differences() {
  cat <<'END'
# podman 4 joins the words with blanks; docker and podman 5 have a list, as the image has.
Config.Entrypoint=array/string
# A number in podman 4; docker and podman 5 have the name.
Config.StopSignal=string/number
# Lists and maps that may be empty: podman prints null for some of them.
HostConfig.BlkioDeviceReadBps=array/null
HostConfig.BlkioDeviceReadIOps=array/null
HostConfig.BlkioDeviceWriteBps=array/null
HostConfig.BlkioDeviceWriteIOps=array/null
HostConfig.CgroupConf=object/null
Labels=object/null
# What podman notes for itself.
Config.Annotations.*
# overlayfs needs none for a layer that is only read.
GraphDriver.Data.WorkDir
# Ports that are only exposed: docker has those that are published.
HostConfig.PortBindings.90/tcp
# The restart policy and health checks are not in every version.
HostConfig.RestartPolicy*
State.Health*
Config.Healthcheck*
Config.sdNotifyMode
END
}

setup_file() {
  file_setup busybox:latest
  export OPTIONS="-p 127.0.0.1:18080:80 --expose 90 -v data:/data -v /etc:/host:ro --tmpfs /t --label a=b
    --cap-add NET_ADMIN --cap-drop CHOWN --env A=B --ulimit nofile=100:200 -t -i --user 1:2 --hostname hh
    --dns 1.1.1.1 --dns-search example.com --dns-option ndots:1 --add-host h1:1.2.3.4
    --security-opt no-new-privileges --annotation x=y --stop-signal INT --stop-timeout 7 --umask 0027
    --workdir /tmp --shm-size 1m --oom-score-adj 100 --read-only --group-add 7"
  # shellcheck disable=SC2086
  coracle create --name box --network slirp4netns $OPTIONS "$BB" sh -c 'sleep 1000' 3>&-
}

teardown_file() {
  if [ -d "$CT_HOME/podman" ]; then
    podman rm -fa 3>&-
    podman unshare rm -rf "$CT_HOME/podman" 3>&-
    podman system migrate 3>&-
  fi
  file_teardown
}

value() {
  coracle inspect --format "$1" "${2:-box}"
}

# podman with a store of its own below CT_HOME.
podman_setup() {
  podman_configure "$XDG_CONFIG_HOME" "$CT_HOME/podman/root" "$CT_HOME/podman/run"
  podman pull -q --tls-verify=false "$BB" 3>&-
}

# "PATH TYPE" of all members, list elements without their number.
paths() {
  jq -r '.[0] | paths as $p | getpath($p) as $v |
    ($p | map(if type == "number" then "[]" else . end) | join(".") | gsub("\\.\\[\\]"; "[]")) + " " + ($v | type)' |
    sort -u
}

# Which lines of podman's paths ($1) ours ($2) have not, and the list of differences does not explain.
unexplained() {
  differences | grep -v '^#' >"$CT_HOME/known"
  while read -r path type; do
    ours=$(awk -v p="$path" '$1 == p { print $2 }' "$2")
    case " $(echo $ours) " in *" $type "*) continue ;; esac
    explained=
    while read -r known; do
      case $known in
      *=*) [ "$path=$(echo $ours)/$type" != "$known" ] || explained=yes ;;
      *) case $path in $known) explained=yes ;; esac ;;
      esac
    done <"$CT_HOME/known"
    [ -n "$explained" ] || echo "$path: podman $type, ours ${ours:-nothing}"
  done <"$1"
}

@test "a container has the members that podman prints, with their types" {
  need_command podman
  podman_setup
  # shellcheck disable=SC2086
  podman create --name box --network slirp4netns $OPTIONS "$BB" sh -c 'sleep 1000'
  podman inspect -s box | paths >"$CT_HOME/theirs"
  coracle inspect -s box | paths >"$CT_HOME/ours"
  [ "$(wc -l <"$CT_HOME/theirs")" -gt 180 ]
  run -0 unexplained "$CT_HOME/theirs" "$CT_HOME/ours"
  [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "an image has the members that podman prints, with their types" {
  need_command podman
  podman_setup
  podman image inspect "$BB" | paths >"$CT_HOME/theirs"
  coracle image inspect "$BB" | paths >"$CT_HOME/ours"
  [ "$(wc -l <"$CT_HOME/theirs")" -gt 25 ]
  run -0 unexplained "$CT_HOME/theirs" "$CT_HOME/ours"
  [ -z "$output" ] || { echo "$output"; return 1; }
}

# shows EXPECTED TEMPLATE: what inspect makes of the template.
shows() {
  prints "$1" coracle inspect --format "$2" box
}

# bats test_tags=shared
@test "what was asked for is shown" {
  shows "box sh [-c sleep 1000]" '{{.Name}} {{.Path}} {{.Args}}'
  shows "created false 0 0" '{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.ExitCode}}'
  shows "false false false false" '{{.State.Paused}} {{.State.Dead}} {{.State.OOMKilled}} {{.State.Restarting}}'
  shows "0001-01-01 00:00:00 +0000 UTC" '{{.State.StartedAt}}'
  shows "hh 1:2 true true" '{{.Config.Hostname}} {{.Config.User}} {{.Config.Tty}} {{.Config.OpenStdin}}'
  shows "/tmp 0027 7" '{{.Config.WorkingDir}} {{.Config.Umask}} {{.Config.StopTimeout}}'
  shows "[sh -c sleep 1000]" '{{.Config.Cmd}}'
  shows "b" '{{index .Config.Labels "a"}}'
  shows "y" '{{index .Config.Annotations "x"}}'
  shows "[CAP_NET_ADMIN]" '{{.HostConfig.CapAdd}}'
  shows "[1.1.1.1] [example.com] [ndots:1]" '{{.HostConfig.Dns}} {{.HostConfig.DnsSearch}} {{.HostConfig.DnsOptions}}'
  shows "[h1:1.2.3.4] [7]" '{{.HostConfig.ExtraHosts}} {{.HostConfig.GroupAdd}}'
  shows "[no-new-privileges] true" '{{.HostConfig.SecurityOpt}} {{.HostConfig.ReadonlyRootfs}}'
  shows "1048576 100" '{{.HostConfig.ShmSize}} {{.HostConfig.OomScoreAdj}}'
  shows "private private" '{{.HostConfig.PidMode}} {{.HostConfig.UTSMode}}'
  shows "18080" '{{(index .HostConfig.PortBindings "80/tcp" 0).HostPort}}'
  shows "127.0.0.1" '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostIP}}'
  shows "[]" '{{index .NetworkSettings.Ports "90/tcp"}}'
  shows "100 200" '{{range .HostConfig.Ulimits}}{{if eq .Name "RLIMIT_NOFILE"}}{{.Soft}} {{.Hard}}{{end}}{{end}}'
  shows "volume:/data:true,bind:/host:false," '{{range .Mounts}}{{.Type}}:{{.Destination}}:{{.RW}},{{end}}'
  shows "0 0 false" '{{len .Dependencies}} {{.RestartCount}} {{.IsInfra}}'
  shows "false false" '{{.HostConfig.AutoRemove}} {{.HostConfig.PublishAllPorts}}'
  shows "create" '{{index .Config.CreateCommand 1}}'
  shows "" '{{.Rootfs}}{{.Pod}}{{.State.Error}}{{.NetworkSettings.IPAddress}}'
  shows "overlay overlay" '{{.Driver}} {{.GraphDriver.Name}}'
  assert_equal "$(value '{{.Image}}')" "$(coracle image inspect --format '{{.ID}}' "$BB")"
  assert_equal "$(value '{{.ImageName}}')" "$BB"
  assert_match "$(value '{{index .HostConfig.Tmpfs "/t"}}')" tmpcopyup
}

@test "capabilities are told as they differ from the usual ones" {
  shows "[CAP_CHOWN]" '{{.HostConfig.CapDrop}}'
  shows "coracle" '{{.OCIRuntime}}'
  # docker's name; podman's is HostIP.
  shows "127.0.0.1" '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostIp}}'
}

@test "paths that are shown exist" {
  coracle run -d --name runs --network none -v data:/data "$BB" sh -c 'echo out; sleep 1000'
  wait_for 10 sh -c "'$CORACLE' logs runs | grep -q out"
  for path in '{{.StaticDir}}' '{{.OCIConfigPath}}' '{{.HostsPath}}' '{{.ResolvConfPath}}' '{{.HostnamePath}}' \
    '{{.GraphDriver.Data.UpperDir}}' '{{.GraphDriver.Data.WorkDir}}' '{{.GraphDriver.Data.LowerDir}}' \
    '{{.HostConfig.LogConfig.Path}}' '{{(index .Mounts 0).Source}}' '{{.NetworkSettings.SandboxKey}}'; do
    coracle unshare test -e "$(value "$path" runs)" || { echo "$path: $(value "$path" runs)"; return 1; }
  done
  coracle unshare test -e "$(value '{{.GraphDriver.Data.MergedDir}}' runs)/bin/sh"
  coracle unshare test -e "$(coracle image inspect --format '{{.GraphDriver.Data.UpperDir}}' "$BB")"
  [ "$(value '{{.State.Running}} {{.State.OOMKilled}} {{.State.Dead}} {{.State.Restarting}}' runs)" = "true false false false" ]
  kill -0 "$(value '{{.State.ConmonPid}}' runs)"
  session=$(coracle exec -d runs sleep 1000)
  [ "$(value '{{.ExecIDs}}' runs)" = "[$session]" ]
  dependent=$(coracle create --network container:runs "$BB" true)
  [ "$(value '{{.Dependencies}}' "$dependent")" = "[$(value '{{.Id}}' runs)]" ]
  coracle rm -f -t 0 --depend runs
}

@test "--size counts what was written" {
  coracle run --name writes --network none "$BB" sh -c 'head -c 7000 /dev/zero >/f; ln /f /g; ln -s / /tmp/all'
  [ "$(coracle inspect -s --format '{{.SizeRw}}' writes)" = 7001 ]
  [ "$(coracle container inspect --size --format '{{.SizeRootFs}}' writes)" -gt 100000 ]
  [ "$(coracle inspect writes | jq '.[0] | has("SizeRw")')" = false ]
  run --separate-stderr coracle inspect --format '{{.SizeRw}}' writes
  [ "$status" = 0 ] || failed_with 125 "SizeRw"
  coracle rm writes
}

# bats test_tags=shared
@test "what is not there is an error, the rest is printed" {
  for kind in "inspect|no such object: \"nobody\"" "container inspect|no such container" "image inspect|image not known"; do
    run --separate-stderr coracle ${kind%%|*} nobody
    assert_status 125
    assert_output "[]"
    assert_error "${kind#*|}"
  done
  run --separate-stderr coracle container inspect nobody box
  assert_status 125
  assert_equal "$(jq length <<<"$output")" 1
  assert_error "no such container"
}

@test "several at once, kinds, --latest" {
  run -0 coracle inspect --format '{{.Id}}' box "$BB"
  [ "${lines[0]}" = "$(value '{{.Id}}')" ]
  [ "${lines[1]}" = "$(coracle image inspect --format '{{.Id}}' "$BB")" ]
  run -0 coracle inspect --type volume --format '{{.Name}}' data
  [ "$output" = data ]
  coracle create --name newest --network none "$BB" true
  run -0 coracle inspect -l --format '{{.Name}}'
  [ "$output" = newest ]
  coracle rm newest
}

# bats test_tags=shared
@test "what cannot go together is refused in podman's words" {
  for wrong in "|no names or ids specified" "-l box|--latest and arguments cannot be used together" \
    "-t image -l|latest is not supported for type \"image\"" \
    "-s -t image $BB|size is not supported for type \"image\""; do
    fails 125 "${wrong#*|}" coracle inspect ${wrong%%|*}
  done
  fails 125 '"foo"' coracle inspect -t foo box
}
