#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create: an id, a record, and nothing that runs.

load helpers

setup_file() {
  file_setup busybox:latest configured:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# bats test_tags=shared
@test "the id and nothing else; the container is there and does not run" {
  prints_id coracle create --name made --network none "$BB" sh -c 'exit 3'
  assert_state made created
  assert_inspect made '{{.Id}} {{.Name}} {{.State.Running}} {{.State.Pid}}' "$id made false 0"
  assert_inspect made '{{.Path}} {{.Args}} {{.Config.Cmd}}' "sh [-c exit 3] [sh -c exit 3]"
  assert_inspect made '{{.ImageName}}' "$BB"
  prints "" coracle ps -q
  prints made coracle ps -a --format '{{.Names}}'
  prints_id coracle container create --network none "$BB"
  assert_inspect "$id" '{{.Config.Cmd}}' "[sh]"
}

# bats test_tags=shared
@test "what is asked for stands in the record" {
  prints_id coracle create --name c --network none -e A=1 -e B= -l k=v --label other -w /tmp -u 5:6 \
    -h host --stop-signal INT --stop-timeout 7 -t -i --read-only --cap-add net_admin --memory 0 "$BB" true
  assert_inspect c '{{.Config.WorkingDir}} {{.Config.User}} {{.Config.Hostname}}' "/tmp 5:6 host"
  assert_inspect c '{{.Config.Labels}}' "map[k:v other:]"
  assert_inspect c '{{range .Config.Env}}{{if eq . "A=1" "B="}}{{.}} {{end}}{{end}}' "A=1 B= "
  assert_inspect c '{{.Config.StopTimeout}} {{.Config.Tty}} {{.Config.OpenStdin}}' "7 true true"
  assert_inspect c '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Privileged}} {{.HostConfig.AutoRemove}}' \
    "true false false"
}

# bats test_tags=shared
@test "the image says what the command line does not" {
  image=$REG/test/configured:latest
  prints_id coracle create --name c --network none "$image"
  assert_inspect c '{{.Path}} {{.Args}}' "/bin/sh [-c echo default]"
  assert_inspect c '{{.Config.User}} {{.Config.WorkingDir}}' "alice /home/alice"
  assert_inspect c '{{index .Config.Labels "org.example.kind"}}' test
  assert_inspect c '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}{{end}}' "volume /data/opaque true"
  prints default coracle start -a c
  prints_id coracle create --name d --network none --entrypoint '["echo","given"]' -u 0 -w / "$image" word
  assert_inspect d '{{.Path}} {{.Args}} {{.Config.User}} {{.Config.WorkingDir}}' "echo [given word] 0 /"
  prints "given word" coracle start -a d
}

# bats test_tags=shared
@test "--cidfile holds the id, and is not overwritten" {
  prints_id coracle create --cidfile "$CT_HOME/cid" --network none "$BB" true
  assert_equal "$(cat "$CT_HOME/cid")" "$id"
  fails 125 "container id file exists" coracle create --cidfile "$CT_HOME/cid" --network none "$BB" true
}

# podman 4.3 has made the container when it finds the file.
@test "a --cidfile that cannot be written leaves no container" {
  touch "$CT_HOME/taken"
  fails 125 "container id file exists" coracle create --cidfile "$CT_HOME/taken" --network none "$BB" true
  fails 125 "" coracle create --cidfile "$CT_HOME/not/there" --network none "$BB" true
  prints "" coracle ps -aq
}

# bats test_tags=shared
@test "what is wrong leaves nothing" {
  prints_id coracle create --name taken --network none "$BB" true
  fails 125 "the container name \"taken\" is already in use by $id" \
    coracle create --name taken --network none "$BB" true
  fails 125 "names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*" coracle create --name bad/name "$BB" true
  fails 125 "requires at least 1 arg(s), only received 0" coracle create
  fails 125 "unknown flag: --frob" coracle create --frob "$BB"
  fails 125 "not-there: image not known" coracle create --pull never not-there
  fails 125 "" coracle create -v relative/../path:in "$BB" true
  fails 125 "" coracle create --memory much "$BB" true
  fails 125 "" coracle create -e =x "$BB" true
  prints taken coracle ps -a --format '{{.Names}}'
}
