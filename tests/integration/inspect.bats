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

@test "what was asked for is shown" {
  while IFS='|' read -r template expected; do
    got=$(value "$template")
    [ "$got" = "$expected" ] || { echo "$template: $got, not $expected"; return 1; }
  done <<'END'
{{.Name}} {{.Path}} {{.Args}}|box sh [-c sleep 1000]
{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.ExitCode}}|created false 0 0
{{.State.StartedAt}}|0001-01-01 00:00:00 +0000 UTC
{{.Config.Hostname}} {{.Config.User}} {{.Config.Tty}} {{.Config.OpenStdin}}|hh 1:2 true true
{{.Config.WorkingDir}} {{.Config.Umask}} {{.Config.StopTimeout}}|/tmp 0027 7
{{.Config.Cmd}} {{index .Config.Labels "a"}} {{index .Config.Annotations "x"}}|[sh -c sleep 1000] b y
{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}|[CAP_NET_ADMIN] [CAP_CHOWN]
{{.HostConfig.Dns}} {{.HostConfig.DnsSearch}} {{.HostConfig.DnsOptions}}|[1.1.1.1] [example.com] [ndots:1]
{{.HostConfig.ExtraHosts}} {{.HostConfig.GroupAdd}}|[h1:1.2.3.4] [7]
{{.HostConfig.SecurityOpt}} {{.HostConfig.ReadonlyRootfs}}|[no-new-privileges] true
{{.HostConfig.ShmSize}} {{.HostConfig.OomScoreAdj}}|1048576 100
{{.HostConfig.PidMode}} {{.HostConfig.UTSMode}}|private private
{{(index .HostConfig.PortBindings "80/tcp" 0).HostPort}}|18080
{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostIp}}|127.0.0.1
{{index .NetworkSettings.Ports "90/tcp"}}|[]
{{range .HostConfig.Ulimits}}{{if eq .Name "RLIMIT_NOFILE"}}{{.Soft}} {{.Hard}}{{end}}{{end}}|100 200
{{range .Mounts}}{{.Type}}:{{.Destination}}:{{.RW}} {{end}}|volume:/data:true bind:/host:false 
{{len .Dependencies}} {{.RestartCount}} {{.OCIRuntime}} {{.IsInfra}}|0 0 coracle false
END
  [[ "$(value '{{index .HostConfig.Tmpfs "/t"}}')" == *tmpcopyup* ]]
  [ "$(value '{{.Image}}')" = "$(coracle image inspect --format '{{.ID}}' "$BB")" ]
  [ "$(value '{{.ImageDigest}}')" = "$(coracle image inspect --format '{{.Digest}}' "$BB")" ]
  [ "$(value '{{index .Config.CreateCommand 1}}')" = create ]
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

@test "several at once, kinds, --latest; what is not there is an error, the rest is printed" {
  run -0 coracle inspect --format '{{.Id}}' box "$BB"
  [ "${lines[0]}" = "$(value '{{.Id}}')" ]
  [ "${lines[1]}" = "$(coracle image inspect --format '{{.Id}}' "$BB")" ]
  run -0 coracle inspect --type volume --format '{{.Name}}' data
  [ "$output" = data ]
  coracle create --name newest --network none "$BB" true
  run -0 coracle inspect -l --format '{{.Name}}'
  [ "$output" = newest ]
  coracle rm newest
  run --separate-stderr coracle inspect nobody
  failed_with 125 'no such object: "nobody"'
  [ "$output" = "[]" ]
  run --separate-stderr coracle container inspect nobody box
  failed_with 125 "no such container"
  [ "$(echo "$output" | jq length)" = 1 ]
  run --separate-stderr coracle image inspect box
  failed_with 125 "image not known"
}

@test "what cannot go together is refused in podman's words" {
  for wrong in "|no names or ids specified" "-l box|--latest and arguments cannot be used together" \
    "-t image -l|latest is not supported for type \"image\"" \
    "-s -t image $BB|size is not supported for type \"image\""; do
    run --separate-stderr coracle inspect ${wrong%%|*}
    failed_with 125 "${wrong#*|}"
  done
  run --separate-stderr coracle inspect -t foo box
  failed_usage inspect foo
}
