#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# -v, --mount and --tmpfs.

load helpers

setup_file() {
  file_setup busybox:latest layers:oci
}

teardown_file() {
  file_teardown
}

@test "bind mounts: rw, ro, U, missing source, file" {
  mkdir -p "$CT_HOME/b"
  coracle run --rm --network none -v "$CT_HOME/b:/b" "$BB" sh -c 'echo one >/b/f'
  [ "$(cat "$CT_HOME/b/f")" = one ]
  [ "$(stat -c %u "$CT_HOME/b/f")" = "$(id -u)" ]
  run -1 coracle run --rm --network none -v "$CT_HOME/b:/b:ro" "$BB" touch /b/x
  coracle run --rm --network none -v "$CT_HOME/b:/b:U" -u alice "$BB" touch /b/alices
  [ "$(stat -c %u "$CT_HOME/b/alices")" != "$(id -u)" ]
  run --separate-stderr coracle run --rm --network none -v "$CT_HOME/not-there:/b" "$BB" true
  failed_with 125 "not-there"
  run -0 coracle run --rm --network none -v "$CT_HOME/b/f:/etc/one:ro" "$BB" cat /etc/one
  [ "$output" = one ]
}

@test "named volumes: made on use, copy-up with owner and mode, kept after --rm" {
  coracle run --rm --network none -v vol:/data/opaque "$REG/test/layers:oci" sh -c 'cat /data/opaque/new; echo more >/data/opaque/more'
  run -0 coracle run --rm --network none -v vol:/v "$BB" sh -c 'cat /v/new /v/more; stat -c %u:%a /v'
  [ "$output" = $'new\nmore\n1000:700' ]
  coracle run --rm --network none -v bare:/data/opaque:nocopy "$REG/test/layers:oci" sh -c 'test ! -e /data/opaque/new'
  run -0 coracle volume ls -q
  [[ "$output" == *vol* && "$output" == *bare* ]]
}

@test "anonymous volumes go with the container" {
  before=$(coracle volume ls -q | wc -l)
  coracle run --rm --network none -v /anon "$BB" sh -c 'echo x >/anon/f'
  [ "$(coracle volume ls -q | wc -l)" = "$before" ]
}

@test "--mount type=bind, volume, tmpfs; duplicate destination" {
  mkdir -p "$CT_HOME/m"
  run -0 coracle run --rm --network none --mount "type=bind,src=$CT_HOME/m,dst=/m,ro" \
    --mount type=volume,src=mv,dst=/v --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0700 "$BB" \
    sh -c 'grep -cE " /(m|v|t) " /proc/mounts; stat -c %a /t; touch /v/x; touch /m/x 2>/dev/null || echo ro'
  [ "$output" = $'3\n700\nro' ]
  run --separate-stderr coracle run --rm --network none -v mv:/x -v other:/x "$BB" true
  failed_with 125 "/x"
}

@test "option O: changes go to an overlay and are thrown away" {
  mkdir -p "$CT_HOME/o"
  echo old >"$CT_HOME/o/f"
  run -0 coracle run --rm --network none -v "$CT_HOME/o:/o:O" "$BB" sh -c 'echo new >/o/f; cat /o/f'
  [ "$output" = new ]
  [ "$(cat "$CT_HOME/o/f")" = old ]
}

@test "a mount point through a symlink of the image stays inside" {
  tar=$BATS_TEST_TMPDIR/t.tar
  { echo "dir bin/"; echo "file bin/busybox mode=0755 from=/bin/busybox"; echo "symlink bin/sh target=busybox"
    echo "symlink escape target=../../../../../../$CT_HOME/host"; } | "$CT_SUPPORT/mktar" >"$tar"
  mkdir -p "$CT_HOME/host"
  coracle import -q "$tar" localhost/escape 2>/dev/null || coracle import "$tar" localhost/escape
  mkdir -p "$CT_HOME/m"
  run coracle run --rm --network none -v "$CT_HOME/m:/escape/made" localhost/escape /bin/sh -c true
  [ ! -e "$CT_HOME/host/made" ]
}
