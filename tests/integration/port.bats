#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# port: what is published where.

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

# bats test_tags=shared
@test "all of them, one of them, --latest, --all" {
  tcp=$(free_port)
  udp=$(free_port)
  prints_id coracle run -d --name p -p "127.0.0.1:$tcp:80" -p "127.0.0.1:$udp:81/udp" "$BB" sleep 1000
  all="80/tcp -> 127.0.0.1:$tcp"$'\n'"81/udp -> 127.0.0.1:$udp"
  prints_lines "$all" coracle port p
  prints_lines "$all" coracle container port --latest
  prints_lines "${id:0:12}"$'\t'"80/tcp -> 127.0.0.1:$tcp"$'\n'"${id:0:12}"$'\t'"81/udp -> 127.0.0.1:$udp" \
    coracle port -a
  prints "127.0.0.1:$tcp" coracle port p 80
  prints "127.0.0.1:$tcp" coracle port p 80/tcp
  prints "127.0.0.1:$udp" coracle port "${id:0:12}" 81/udp
  prints "127.0.0.1:$tcp->80/tcp, 127.0.0.1:$udp->81/udp" coracle ps --format '{{.Ports}}'
  assert_inspect p '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}' "$tcp"
  fails 125 'failed to find published port "81"' coracle port p 81
  fails 125 'failed to find published port "82/tcp"' coracle port p 82/tcp
}

# bats test_tags=shared
@test "nothing is published of one that does not run, or has no ports" {
  port=$(free_port)
  prints_id coracle create --name made -p "127.0.0.1:$port:80" "$BB" true
  prints "" coracle port made
  prints "" coracle port made 80
  prints_id coracle run -d --name without --network none "$BB" sleep 1000
  prints "" coracle port without
  prints "" coracle port -a
  fails 125 "you must supply a running container name or id" coracle port
  fails 125 "no arguments are needed with --all" coracle port -a without
  fails 125 'no container with name or ID "nobody" found: no such container' coracle port nobody
}
