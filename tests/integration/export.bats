#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# export, compared with what GNU tar reads.

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
@test "a tar of what the container has, to standard output or a file" {
  coracle run --name e --network none "$BB" sh -c 'echo mine >/mine; chown 9:8 /mine; chmod 4750 /mine; rm /bin/vi'
  prints mine bash -c "'$CORACLE' export e | tar -xO mine"
  assert_match "$(coracle container export e | tar --numeric-owner -tv mine)" '^-rwsr-x--- 9/8 +5 '
  prints "" coracle export -o "$CT_HOME/e.tar" e
  assert_equal "$(tar -tf "$CT_HOME/e.tar" | grep -cx -e bin/busybox -e mine -e etc/passwd)" 3
  assert_equal "$(tar -tf "$CT_HOME/e.tar" | grep -cx bin/vi)" 0
  fails 125 'no container with name or ID "nobody" found: no such container' coracle export nobody
  fails 125 "accepts 1 arg(s), received 0" coracle export
}


@test "GNU tar unpacks the archive to the same tree, with every storage driver" {
  for driver in $DRIVERS; do
    drv $driver run --name e --network none "$LAYERS" sh -c "$MANY_CHANGES"
    list_container e >"$BATS_TEST_TMPDIR/container"
    drv $driver export e >"$BATS_TEST_TMPDIR/tar"
    list_archive "$BATS_TEST_TMPDIR/tar" >"$BATS_TEST_TMPDIR/archive"
    # fuse-overlayfs counts those names of a file that it has come across.
    [ $driver != fuse-overlayfs ] || sed -i 's/ links=[^ ]*//' "$BATS_TEST_TMPDIR/container" "$BATS_TEST_TMPDIR/archive"
    diff "$BATS_TEST_TMPDIR/container" "$BATS_TEST_TMPDIR/archive" || { echo $driver; false; }
    grep -q '^/new/odd\\x0a\\x20name ' "$BATS_TEST_TMPDIR/archive"
    coracle rm e
  done
}

@test "the same container gives the same bytes" {
  coracle run --name e --network none "$LAYERS" sh -c "$MANY_CHANGES"
  [ "$(coracle export e | sha256sum)" = "$(coracle container export e | sha256sum)" ]
}

@test "a running container, without volumes and what the kernel mounts" {
  for driver in $DRIVERS; do
    "$CORACLE" --storage-driver $driver run -d --name e --network none -v vol:/data "$BB" \
      sh -c 'echo in >/data/in; echo out >/out; sleep 1000' >/dev/null
    wait_for 10 sh -c "'$CORACLE' diff e | grep -q /out"
    run -0 sh -c "'$CORACLE' --storage-driver $driver export e | tar t"
    grep -qx out <<<"$output"
    grep -qx proc/ <<<"$output"
    grep -qx data/ <<<"$output"
    ! grep -qE '^(data|proc|sys|dev)/.' <<<"$output"
    coracle rm -f -t 0 e
    coracle volume rm vol
  done
}

@test "to a file; half an archive is removed, and a full disk is told" {
  coracle run --name e --network none "$BB" true
  coracle export -o "$BATS_TEST_TMPDIR/out.tar" e
  tar tf "$BATS_TEST_TMPDIR/out.tar" | grep -qx bin/busybox
  run --separate-stderr coracle export --output "$BATS_TEST_TMPDIR/none" nope
  failed_with 125 "no such container"
  [ ! -e "$BATS_TEST_TMPDIR/none" ]
  run --separate-stderr sh -c "'$CORACLE' export e >/dev/full"
  failed_with 125 "No space left on device"
  run --separate-stderr coracle export
  failed_with 125 "accepts 1 arg(s), received 0"
  # A reader that has seen enough is no failure to speak of.
  run --separate-stderr sh -c "'$CORACLE' export e | head -c 100 >/dev/null"
  [ -z "$stderr" ]
}

@test "what is exported can be imported and run" {
  coracle run --name e --network none "$BB" sh -c 'echo mine >/mine; chmod 600 /mine; chown 9:9 /mine'
  coracle export e | coracle import -q - exported
  run -0 coracle run --rm --network none exported sh -c 'cat /mine; stat -c "%a %u:%g" /mine'
  [ "$output" = "mine
600 9:9" ]
  coracle rmi exported
}

@test "a container that swaps links meanwhile shows nothing of the host" {
  mkdir -p "$BATS_TEST_TMPDIR/host/sub"
  echo host-secret >"$BATS_TEST_TMPDIR/host/sub/file"
  chmod -R a+rX "$BATS_TEST_TMPDIR"
  started e -- "mkdir -p /t/real/sub; echo inside >/t/real/sub/file
    (while :; do mv /t/real /t/x 2>/dev/null; ln -s '$BATS_TEST_TMPDIR/host' /t/real; rm /t/real; mv /t/x /t/real; done) &"
  for i in $(seq 30); do
    coracle export e >"$BATS_TEST_TMPDIR/tar"
    tar tf "$BATS_TEST_TMPDIR/tar" >/dev/null
    ! grep -q host-secret "$BATS_TEST_TMPDIR/tar"
  done
}

@test "nothing stays mounted and no lock is held after a kill" {
  need_debian
  coracle pull -q "$DEB"
  coracle create --name e --network none "$DEB" true
  for i in 1 2 3; do
    "$CORACLE" export e > >(sleep 3) 3>&- &
    sleep 0.$i
    kill -KILL $!
  done
  no_mounts
  timeout 20 "$CORACLE" start -a e
  coracle rm e
  store_is_clean
}
