#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# diff and image diff.

load helpers
load files

setup_file() {
  file_setup busybox:latest layers:oci
  LAYERS=$REG/test/layers:oci
  export LAYERS
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# bats test_tags=shared
@test "what a container has added, changed and deleted" {
  prints_id coracle create --name d --network none "$BB" sh -c 'echo x >/x; rm /bin/vi; mkdir /etc/d'
  prints "" coracle diff d
  prints "" coracle start -a d
  changes=$'A /etc/d\nA /x\nC /bin\nC /etc\nD /bin/vi'
  prints_lines "$changes" coracle diff d
  prints_lines "$changes" coracle container diff --latest
  run --separate-stderr coracle diff --format json d
  assert_status 0
  assert_stderr ""
  assert_equal "$(jq -c '[(.added | sort), (.changed | sort), .deleted]' <<<"$output")" \
    '[["/etc/d","/x"],["/bin","/etc"],["/bin/vi"]]'
  fails 125 "nobody not found" coracle diff nobody
  fails 125 'diff" requires a name, id, or the "--latest" flag' coracle diff
}


@test "the same is told with every storage driver" {
  for driver in $DRIVERS; do
    drv $driver run --name d --network none "$LAYERS" sh -c 'rm /etc/group; echo x >>/etc/passwd
      mkdir -p /new/sub; echo y >/new/sub/f; ln -s f /new/l; mkfifo /new/p; rm -r /usr; mkdir /usr; >/usr/z
      mkdir /gone; rmdir /gone; chmod 711 /home; rm -r /var; echo file >/var; >/dev/shm/x; >/etc/hosts'
    run -0 drv $driver diff d
    [ "$output" = "C /etc
D /etc/group
C /etc/passwd
C /home
A /new
A /new/l
A /new/p
A /new/sub
A /new/sub/f
C /usr
D /usr/bin
D /usr/sbin
A /usr/z
C /var" ] || { echo "$driver: $output"; false; }
    coracle rm d
  done
}

@test "a container that did nothing has no differences, whatever is mounted in it" {
  for driver in $DRIVERS; do
    drv $driver create --name d --network none -v /vol -v named:/data/deep/er -v "$CT_LIST_TREE:/opt/lt:ro" \
      --tmpfs /tmp/t "$BB" true
    run -0 drv $driver diff d
    [ -z "$output" ] || { echo "$driver, created: $output"; false; }
    drv $driver start -a d
    run -0 drv $driver diff d
    [ -z "$output" ] || { echo "$driver, ended: $output"; false; }
    coracle rm -v d
    coracle volume rm named
  done
}

@test "a running container" {
  started d -- 'echo x >/x; rm /bin/vi'
  run -0 coracle diff d
  [ "$output" = "C /bin
D /bin/vi
A /x" ]
}

@test "--format json, --latest, container diff" {
  coracle run --name d --network none "$BB" sh -c 'echo x >/x; rm /bin/vi'
  run -0 coracle diff --latest --format json
  [ "$(jq -c . <<<"$output")" = '{"changed":["/bin"],"added":["/x"],"deleted":["/bin/vi"]}' ]
  run -0 coracle container diff -l
  [ "${lines[2]}" = "A /x" ]
  coracle run --name e --network none "$BB" true
  run -0 coracle diff --format json e
  [ "$output" = "{}" ]
}

@test "image diff tells the last layer, and two images their difference" {
  run -0 coracle image diff "$LAYERS"
  [ "$output" = "C /data
A /data/gone
A /data/kept-4
C /data/opaque
A /data/opaque/link
C /links
A /links/four" ]
  run -0 coracle diff "$LAYERS"
  [ "${lines[1]}" = "A /data/gone" ]
  run -0 coracle diff "$BB" "$BB"
  [ -z "$output" ]
  coracle run --name d --network none "$BB" sh -c '>/x'
  run -0 coracle diff d "$BB"
  [ "$output" = "A /x" ]
  run -0 coracle image diff "$BB" d
  [ "$output" = "D /x" ]
}

@test "what is wrong is said in one line" {
  run --separate-stderr coracle diff nope
  failed_with 125 "nope not found"
  run --separate-stderr coracle diff --format xml nope
  failed_with 125 "only supported value for '--format' is 'json'"
  run --separate-stderr coracle diff
  failed_with 125 'requires a name, id, or the "--latest" flag'
  run --separate-stderr coracle diff a b c
  failed_with 125 "accepts at most 2"
}

@test "owners of a nested user namespace are those of the image" {
  for driver in fuse-overlayfs copy; do
    drv $driver run --name d --userns keep-id --user 0:0 --network none "$BB" sh -c 'chown 5:6 /etc/passwd; >/x'
    run -0 drv $driver diff d
    [ "$output" = "C /etc
C /etc/passwd
A /x" ] || [ "$output" = "C /etc/passwd
A /x" ] || { echo "$driver: $output"; false; }
    coracle rm d
  done
}
