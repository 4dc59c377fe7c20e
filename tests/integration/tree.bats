#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an image unpacks to, entry by entry, against GNU tar as root and umoci --rootless.

load helpers

setup_file() {
  file_setup
}

teardown_file() {
  file_teardown
}

# Leaves out what a running container changes or covers.
without_runtime() {
  grep -Ev '^/(dev|proc|sys)(/| )' |
    grep -Ev '^/(etc/(hosts|hostname|resolv\.conf|mtab)|run/\.containerenv|run/secrets|list-tree) ' |
    grep -v '^/never d ' |
    sed -E 's#^(/|/etc|/run) (d [0-7]+( [0-9]+:[0-9]+)? 0) [0-9.]+#\1 \2 -#'
}

# The times of folders, where layers do not say them.
without_folder_times() {
  sed -E 's/^([^ ]+ d [0-7]+( [0-9]+:[0-9]+)? 0) -?[0-9.]+/\1 -/'
}

list_ours() {
  coracle "${@:2}" run --rm --network none -v "$CT_LIST_TREE:/list-tree:ro" "$1" /list-tree -x / |
    without_runtime
}

list_tar() {
  coracle unshare "$CT_SUPPORT/apply-layers" "$1" "$CT_HOME/tar-tree"
  coracle unshare "$CT_LIST_TREE" "$CT_HOME/tar-tree" | without_runtime
  coracle unshare rm -rf "$CT_HOME/tar-tree"
}

# same_tree LAYOUT IMAGE [FILTER] [option...]
same_tree() {
  coracle pull -q "$2"
  list_tar "$1" | ${3:-cat} >"$BATS_TEST_TMPDIR/tar"
  list_ours "$2" "${@:4}" | ${3:-cat} >"$BATS_TEST_TMPDIR/ours"
  [ -s "$BATS_TEST_TMPDIR/ours" ]
  diff "$BATS_TEST_TMPDIR/tar" "$BATS_TEST_TMPDIR/ours" >"$BATS_TEST_TMPDIR/diff" || {
    head -n 40 "$BATS_TEST_TMPDIR/diff"
    return 1
  }
}

@test "layers, whiteouts, links, modes, xattrs, sparse and odd names equal root tar (overlay)" {
  for name in layers:oci layers:docker layers:zstd; do
    kind=layers
    [ $name != layers:zstd ] || kind=layers-zstd
    same_tree "$CT_IMAGES/$kind" "$REG/test/$name" without_folder_times
  done
}

@test "the same through fuse-overlayfs" {
  same_tree "$CT_IMAGES/layers" "$REG/test/layers:oci" without_folder_times --storage-driver fuse-overlayfs
}

@test "the same through a copied tree" {
  same_tree "$CT_IMAGES/layers" "$REG/test/layers:oci" without_folder_times --storage-driver copy
}

@test "the Debian image equals root tar, gzip and zstd" {
  need_debian
  same_tree "$CT_DEBIAN/debian-gzip" "$REG/test/debian:docker"
  same_tree "$CT_DEBIAN/debian-zstd" "$REG/test/debian:zstd"
}

@test "the Debian image equals umoci unpack --rootless but for owners" {
  need_debian
  need_command umoci
  umoci unpack --rootless --image "$CT_DEBIAN/debian-gzip:latest" "$CT_HOME/bundle" >/dev/null
  "$CT_LIST_TREE" -n "$CT_HOME/bundle/rootfs" | without_runtime |
    sed 's/ user.rootlesscontainers=[^ ]*//' >"$BATS_TEST_TMPDIR/umoci"
  rm -rf "$CT_HOME/bundle" || { chmod -R u+rwX "$CT_HOME/bundle"; rm -rf "$CT_HOME/bundle"; }
  coracle pull -q "$REG/test/debian:docker"
  coracle run --rm --network none -v "$CT_LIST_TREE:/list-tree:ro" "$REG/test/debian:docker" \
    /list-tree -n -x / | without_runtime >"$BATS_TEST_TMPDIR/ours"
  diff "$BATS_TEST_TMPDIR/umoci" "$BATS_TEST_TMPDIR/ours" | head -n 40 >"$BATS_TEST_TMPDIR/diff"
  cat "$BATS_TEST_TMPDIR/diff"
  [ ! -s "$BATS_TEST_TMPDIR/diff" ]
}
