#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What only real root can show. tests/run runs this file as root when it was started so.

load helpers

setup_file() {
  [ "$(id -u)" != 0 ] || file_setup busybox:latest
}

teardown_file() {
  [ "$(id -u)" != 0 ] || file_teardown
}

setup() {
  [ "$(id -u)" = 0 ] || skip "needs to be started as root"
}

@test "started by real root, container root is not host root" {
  run -0 bb awk '$1 == 0 { print $2 }' /proc/self/uid_map
  [ "$output" != 0 ]
  # The same seen from outside.
  coracle run -d --name outside --network none "$BB" sleep 100
  pid=$(coracle inspect --format '{{.State.Pid}}' outside)
  [ "$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")" != 0 ]
  coracle rm -f -t 0 outside
  # A file of root that nobody else may read.
  echo secret >"$CT_HOME/secret"
  chmod 0600 "$CT_HOME/secret"
  run coracle run --rm --network none -v "$CT_HOME/secret:/secret:ro" "$BB" cat /secret
  [[ "$output" != *secret$'\n'* && "$output" != secret ]]
}

@test "started by real root, the default network works" {
  port=$(free_port)
  http_server "$port" from-the-host
  run -0 coracle run --rm --network slirp:allow_host_loopback=true "$BB" sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | nc 10.0.2.2 $port"
  kill "$HTTP_PID"
  [[ "$output" == *from-the-host ]]
}

@test "a full disk ends with one line and leaves nothing" {
  mkdir -p "$CT_HOME/small"
  # Root of a container without CAP_SYS_ADMIN has no way to make a small file system.
  mount -t tmpfs -o size=600k,mode=0755 tmpfs "$CT_HOME/small" || skip "root may not mount here"
  run --separate-stderr coracle --root "$CT_HOME/small/data" --runroot "$CT_HOME/small-run" pull -q "$BB"
  code=$status
  left=$(find "$CT_HOME/small/data/images" -mindepth 1 2>/dev/null)
  coracle --root "$CT_HOME/small/data" --runroot "$CT_HOME/small-run" system migrate || :
  umount -l "$CT_HOME/small"
  status=$code
  failed_with 125 "No space left"
  [ -z "$left" ]
}
