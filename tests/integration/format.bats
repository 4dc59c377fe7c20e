#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --format of every verb that has it: tables, templates, json, and mistakes in them.

load helpers

setup_file() {
  file_setup busybox:latest
  esc=$(printf 'a\tb\033[31m\nx')
  coracle create --name web --network none --label k=v --label "esc=$esc" -e A=1 -v /tmp:/mnt:ro \
    "$BB" sleep 1000 3>&-
  coracle create --name averyveryverylongname -p 127.0.0.1:8080:80 "$BB" true 3>&-
  coracle volume create --label a=b vol 3>&-
}

teardown_file() {
  file_teardown
}

# same VERB ARGUMENT... FORMAT TEXT: what a verb prints, trailing newlines aside.
same() {
  text=${*: -1} format=${*: -2:1}
  set -- "${@:1:$#-2}"
  run -0 --separate-stderr coracle "$@" --format "$format"
  [ "$output" = "$text" ] || { printf 'got: %s\nwant: %s\n' "$output" "$text"; return 1; }
  [ -z "$stderr" ]
}

@test "ps: templates, one line per container" {
  same ps -a --filter name=web '{{.Names}} {{.State}} {{.Status}} {{.Command}}' \
    "web created Created sleep 1000"
  same ps -a --filter name=web '{{.Labels.k}} {{.Labels.none}} {{.Label "k"}}|{{.Label "none"}}' \
    "v <no value> v|"
  same ps -a --filter name=web '{{.Mounts}}|{{.Ports}}|{{.Pid}}|{{.ExitCode}}' "[/mnt]||0|0"
  same ps -a --filter name=very '{{.Ports}}' "127.0.0.1:8080->80/tcp"
  same ps -a '{{range .}}{{if eq .Names "web"}}{{.Names}}{{end}}{{end}}' web
  id=$(coracle ps -aq --filter name=web)
  [[ "$id" =~ ^[0-9a-f]{12}$ ]]
  same ps -a --filter name=web '{{.ID}}' "$id"
  [[ "$(coracle ps -a --no-trunc --filter name=web --format '{{.ID}}')" =~ ^$id[0-9a-f]{52}$ ]]
  [[ "$(coracle ps -a --filter name=web --format '{{.CreatedAt}}')" =~ \
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}\ [0-9:.]+\ \+0000\ UTC$ ]]
  [[ "$(coracle ps -a --filter name=web --format '{{.RunningFor}}')" == *ago ]]
}

@test "ps: tables are aligned, and hostile labels stay in their cell" {
  same ps -a --filter name=web 'table {{.Names}}\t{{.Status}}' "NAMES       STATUS
web         Created"
  same ps -a --filter name=web 'table {{.Names}} {{.Label "esc"}}' "NAMES       esc
web         a\\tb\\x1b[31m\\nx"
  run -0 coracle ps -a --format 'table {{.Names}}\t{{.Status}}'
  [ "${lines[0]}" = "NAMES                  STATUS" ]
  run -0 coracle ps -a --noheading --format 'table {{.Names}}'
  [ "${#lines[@]}" = 2 ]
  run -0 coracle ps
  [ "$output" = "CONTAINER ID  IMAGE       COMMAND     CREATED     STATUS      PORTS       NAMES" ]
}

@test "a template gives a pipe the bytes, a terminal what is harmless" {
  format='{{index .Labels "esc"}}'
  [ "$(coracle ps -a --filter name=web --format "$format")" = "$(printf 'a\tb\033[31m\nx')" ]
  need_command script
  run -0 script -qec "'$CORACLE' ps -a --filter name=web --format '$format'" /dev/null
  [[ "$output" == *'b\x1b[31m'* ]]
}

@test "inspect: fields, maps, loops, functions" {
  same inspect web '{{.Name}} {{.State.Status}} {{.State.Running}} {{.State.ExitCode}}' \
    "web created false 0"
  same inspect web '{{index .Config.Labels "k"}}{{index .Config.Labels "none"}}{{.Config.Labels.none}}' \
    "v<no value>"
  same inspect web '{{range .Mounts}}{{.Source}}:{{.Destination}}:{{.Src}}{{end}}' "/tmp:/mnt:/tmp"
  same inspect web '{{range .Config.Env}}{{if eq . "A=1"}}{{.}}{{end}}{{end}}' "A=1"
  same inspect web '{{json .Config.Cmd}}' '["sleep","1000"]'
  same inspect web '{{.State.StartedAt}}|{{.State.Health.Status}}|{{.Config.Healthcheck}}' \
    "0001-01-01 00:00:00 +0000 UTC||<nil>"
  same inspect averyveryverylongname '{{(index (index .HostConfig.PortBindings "80/tcp") 0).HostPort}}' 8080
  same inspect averyveryverylongname '{{range $p, $c := .HostConfig.PortBindings}}{{$p}}{{end}}' 80/tcp
  [ "$(coracle inspect --format '{{.Id}}' web)" = "$(coracle inspect --format '{{.ID}}' web)" ]
  same inspect web averyveryverylongname '{{.Name}}' "web
averyveryverylongname"
  coracle inspect web | jq -e '.[0].Name == "web"'
}

@test "images, image inspect" {
  same images "$BB" '{{.Repository}} {{.Tag}}' "${BB%:*} latest"
  [[ "$(coracle images --format '{{.Size}}' "$BB")" =~ ^[0-9.]+\ [kM]B$ ]]
  run -0 coracle images
  [[ "${lines[0]}" =~ ^REPOSITORY\ +TAG\ +IMAGE\ ID\ +CREATED\ +SIZE$ ]]
  same image inspect "$BB" '{{.Config.User}}|{{.Config.Volumes}}|{{.Architecture}}' \
    "|map[]|$(coracle image inspect "$BB" | jq -r '.[0].Architecture')"
  coracle images --format json | jq -e '.[0].Id'
  run -0 coracle images -q "$BB"
  [[ "$output" =~ ^[0-9a-f]{12}$ ]]
}

@test "volume, info, version" {
  same volume ls '{{.Name}} {{.Driver}} {{.Labels}}' "vol local map[a:b]"
  same volume ls 'table {{.Driver}} {{.Name}}' "DRIVER      VOLUME NAME
local       vol"
  run -0 coracle volume ls
  [ "$output" = "DRIVER      VOLUME NAME
local       vol" ]
  same volume inspect vol '{{.Name}} {{.Labels.a}} {{.Options}}' "vol b map[]"
  same info '{{.Host.OS}} {{.Host.Arch}}' "linux $(coracle info --format json | jq -r .host.arch)"
  same info '{{(index .Host.IDMappings.UIDMap 0).ContainerID}}' 0
  same version '{{.Client.Os}} {{.Server}}' "linux <nil>"
  [ "$(coracle version --format '{{.Version}}')" = "$(coracle version --format '{{.Client.Version}}')" ]
}

@test "a mistake is one line that names it, and prints nothing else" {
  run --separate-stderr coracle ps -a --format '{{.Names}}{{.Foo}}'
  failed_with 125 "template: ps:1:12: executing \"ps\" at <.Foo>: can't evaluate field Foo in type container"
  [ -z "$output" ]
  run --separate-stderr coracle ps -a --format '{{.Id}}'
  failed_with 125 "can't evaluate field Id"
  run --separate-stderr coracle inspect --format '{{.State.Foo}}' web
  failed_with 125 "can't evaluate field Foo in type container state"
  run --separate-stderr coracle ps --format '{{if .Names}}'
  failed_with 125 "template: ps:1: unexpected EOF"
  run --separate-stderr coracle images --format '{{nofunction .ID}}'
  failed_with 125 'function "nofunction" not defined'
  run --separate-stderr coracle volume ls --format 'table {{.Nmae}}'
  failed_with 125 "can't evaluate field Nmae"
}
