#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is hostile, malformed or missing: one line, the right code, nothing left behind.

load helpers

setup_file() {
  file_setup busybox:latest
  bad_registry_start
  cp -r "$CT_IMAGES/layers" "$CT_IMAGES/busybox" "$BAD_DIR"
}

teardown_file() {
  bad_registry_stop
  file_teardown
}

setup() {
  images_before=$(coracle images -q --no-trunc | sort -u)
}

# pull_fails IMAGE [TEXT]: with one line, and nothing of it stays.
pull_fails() {
  # Without retries: what they do has its own tests, and they take their time.
  run --separate-stderr timeout 100 "$CORACLE" pull -q --retry 0 --tls-verify=false "${@:3}" "$1"
  failed_with 125 "${2:-}"
  run -1 coracle image exists "$1"
  [ "$(coracle images -q --no-trunc | sort -u)" = "$images_before" ]
  store_is_clean
  [ -z "$(coracle ps -aq)" ]
}

# layer NAME: standard input is a spec for mktar, together with the base of busybox.
layer() {
  "$CT_SUPPORT/mktar" >"$BATS_TEST_TMPDIR/$1.tar"
  bad_image "$1" "$BATS_TEST_TMPDIR/$1.tar"
}

# manifest_edit NEW OLD FILTER: a copy of layout OLD whose manifest went through jq.
manifest_edit() {
  rm -rf "$BAD_DIR/$1"
  cp -r "$BAD_DIR/$2" "$BAD_DIR/$1"
  old=$(jq -r '.manifests[0].digest' "$BAD_DIR/$1/index.json")
  jq -c "$3" "$BAD_DIR/$1/blobs/sha256/${old#sha256:}" >"$BAD_DIR/$1/new"
  descriptor=$(layout_blob "$BAD_DIR/$1" "$BAD_DIR/$1/new" application/vnd.oci.image.manifest.v1+json)
  jq -nc --argjson m "$descriptor" '{schemaVersion: 2, manifests: [$m]}' >"$BAD_DIR/$1/index.json"
}

@test "malformed references" {
  for name in localhost/UPPER 'a b' 'x:' 'x@sha256:12' 'x@sha257:abc' ':tag' '' 'a//b' 'x:tag:tag' '-x' \
    "$(printf 'a%.0s' $(seq 300))" '../x' 'x/../y' "x:$(printf 't%.0s' $(seq 200))"; do
    echo "name $name"
    run --separate-stderr coracle pull -q -- "$name"
    failed_with 125 ""
    run --separate-stderr coracle run --rm -q -- "$name"
    failed_with 125 ""
  done
}

@test "no such image, no such registry" {
  pull_fails "$REG/test/nothing:latest"
  run --separate-stderr coracle pull -q "$REG/test/busybox:no-such-tag"
  failed_with 125 "manifest unknown"
  run --separate-stderr timeout 60 "$CORACLE" pull -q --retry 0 --tls-verify=false 127.0.0.1:1/x/y
  failed_with 125 "127.0.0.1:1"
}

@test "blobs that are not what the manifest says: changed, short, long, missing" {
  pull_fails "$BAD/corrupt/layers" "digest"
  pull_fails "$BAD/short/layers"
  pull_fails "$BAD/long/layers"
  pull_fails "$BAD/gone/layers"
}

@test "a manifest that is a web page, that is not of its digest" {
  pull_fails "$BAD/html/busybox"
  digest=$(jq -r '.manifests[0].digest' "$BAD_DIR/busybox/index.json")
  pull_fails "$BAD/wrong/busybox@$digest" "digest"
}

@test "manifests that lie about sizes and digests, with unknown types or nonsense" {
  manifest_edit lie-size busybox '.layers[0].size += 5'
  pull_fails "$BAD/ok/lie-size"
  manifest_edit lie-small busybox '.layers[0].size = 10'
  pull_fails "$BAD/ok/lie-small"
  manifest_edit lie-negative busybox '.layers[0].size = -1'
  pull_fails "$BAD/ok/lie-negative"
  manifest_edit lie-huge busybox '.layers[0].size = 9223372036854775807'
  pull_fails "$BAD/ok/lie-huge"
  manifest_edit bad-digest busybox '.layers[0].digest = "sha256:../../../../etc/passwd"'
  pull_fails "$BAD/ok/bad-digest"
  manifest_edit bad-config busybox '.config.digest = .layers[0].digest'
  pull_fails "$BAD/ok/bad-config"
  manifest_edit unknown-type busybox '.layers[0].mediaType = "application/x-unknown"'
  pull_fails "$BAD/ok/unknown-type" "application/x-unknown"
  manifest_edit no-layers-type busybox '.layers = "none"'
  pull_fails "$BAD/ok/no-layers-type"
  manifest_edit more-layers busybox '.layers += .layers'
  pull_fails "$BAD/ok/more-layers"
}

@test "a configuration whose diff ids are wrong" {
  cp -r "$BAD_DIR/busybox" "$BAD_DIR/diffid"
  manifest=$(jq -r '.manifests[0].digest' "$BAD_DIR/diffid/index.json")
  config=$(jq -r .config.digest "$BAD_DIR/diffid/blobs/sha256/${manifest#sha256:}")
  jq -c '.rootfs.diff_ids[0] = "sha256:" + ("0" * 64)' "$BAD_DIR/diffid/blobs/sha256/${config#sha256:}" \
    >"$BAD_DIR/diffid/config"
  descriptor=$(layout_blob "$BAD_DIR/diffid" "$BAD_DIR/diffid/config" application/vnd.oci.image.config.v1+json)
  manifest_edit diffid2 diffid ".config = $descriptor"
  pull_fails "$BAD/ok/diffid2"
}

@test "a registry that hangs, before or within an answer, is given up" {
  export CORACLE_STALL_TIMEOUT=1
  started=$SECONDS
  pull_fails "$BAD/hang-manifest/busybox" "does not answer"
  pull_fails "$BAD/hang/layers" "does not answer"
  pull_fails "$BAD/stall/layers" "does not answer"
  # By our own limit, not by the test's.
  [ $((SECONDS - started)) -lt 60 ]
}

@test "a pull of a registry that hangs ends with an interrupt" {
  run --separate-stderr timeout -s INT 2 "$CORACLE" pull -q --tls-verify=false "$BAD/hang/layers"
  # timeout(1) itself says 124.
  [ "$status" = 124 ]
  run -1 coracle image exists "$BAD/hang/layers"
  store_is_clean
}

@test "truncated layers and what is no tar" {
  head -c 100000 /dev/urandom >"$BATS_TEST_TMPDIR/noise"
  bad_image noise "$BATS_TEST_TMPDIR/noise"
  pull_fails "$BAD/ok/noise"
  bad_image noise-plain "$BATS_TEST_TMPDIR/noise" none
  pull_fails "$BAD/ok/noise-plain"
  echo "file a size=100000" | "$CT_SUPPORT/mktar" | head -c 50000 >"$BATS_TEST_TMPDIR/cut"
  bad_image cut "$BATS_TEST_TMPDIR/cut"
  pull_fails "$BAD/ok/cut"
  echo "file a data=x claim=99999999999" | "$CT_SUPPORT/mktar" >"$BATS_TEST_TMPDIR/claim"
  bad_image claim "$BATS_TEST_TMPDIR/claim"
  pull_fails "$BAD/ok/claim"
  # gzip that ends too early.
  bad_image early "$BATS_TEST_TMPDIR/cut"
  blob=$(ls -S "$BAD_DIR"/busybox/blobs/sha256/* | head -n 1)
  head -c 100000 "$blob" >"$BAD_DIR/early/layer"
  descriptor=$(layout_blob "$BAD_DIR/early" "$BAD_DIR/early/layer" application/vnd.oci.image.layer.v1.tar+gzip)
  manifest_edit early2 early ".layers = [$descriptor]"
  pull_fails "$BAD/ok/early2"
}

@test "a bombing layer is refused or unpacked without harm" {
  # 20 GB of zeros in 20 MB of gzip would fill a disk; sizes are told beforehand by the header.
  echo "file bomb size=3000000000" | "$CT_SUPPORT/mktar" | gzip -1 >"$BATS_TEST_TMPDIR/bomb.gz" || skip "no space"
  layout_new "$BAD_DIR/bomb"
  echo "sha256:$(printf '0%.0s' $(seq 64))" >"$BAD_DIR/bomb/diff_ids"
  layout_blob "$BAD_DIR/bomb" "$BATS_TEST_TMPDIR/bomb.gz" application/vnd.oci.image.layer.v1.tar+gzip \
    >"$BAD_DIR/bomb/layers"
  layout_image "$BAD_DIR/bomb" latest "linux/$(host_arch)" '{}'
  pull_fails "$BAD/ok/bomb"
}

# unpacks_inside NAME: pull may fail or succeed, but nothing appears outside.
unpacks_inside() {
  run --separate-stderr timeout 60 "$CORACLE" pull -q --tls-verify=false "$BAD/ok/$1"
  [ "$status" = 0 ] || failed_with 125 ""
  [ ! -e "$CT_HOME/owned" ]
  [ ! -e /owned ]
  [ ! -e "$XDG_DATA_HOME/owned" ]
  [ -z "$(find "$XDG_DATA_HOME" "$CT_HOME/host" -name owned -not -path '*/diff/*' 2>/dev/null)" ]
  coracle rmi -f "$BAD/ok/$1" >/dev/null 2>&1 || :
  store_is_clean
}

@test "entries with .., absolute paths, escaping symlinks and hard links stay inside" {
  mkdir -p "$CT_HOME/host"
  echo secret >"$CT_HOME/host/secret"
  up=../../../../../../../../../../..
  layer dotdot <<<"file $up$CT_HOME/owned data=x"
  unpacks_inside dotdot
  layer dotdot2 <<<"file ../owned data=x"
  unpacks_inside dotdot2
  layer absolute <<<"file $CT_HOME/owned data=x"
  unpacks_inside absolute
  layer through-symlink <<END
symlink out target=$CT_HOME/host mode=0777
file out/owned data=x
END
  unpacks_inside through-symlink
  layer through-relative <<END
symlink out target=$up$CT_HOME/host mode=0777
file out/owned data=x
END
  unpacks_inside through-relative
  layer hardlink-out <<END
hardlink mine target=$CT_HOME/host/secret
hardlink mine2 target=$up$CT_HOME/host/secret
END
  unpacks_inside hardlink-out
  layer hardlink-through <<END
symlink out target=$CT_HOME/host mode=0777
hardlink mine target=out/secret
file mine data=changed
END
  unpacks_inside hardlink-through
  [ "$(cat "$CT_HOME/host/secret")" = secret ]
  layer replaced-dir <<END
dir d/
symlink d target=$CT_HOME/host mode=0777
file d/owned data=x
file d/.wh.secret
END
  unpacks_inside replaced-dir
  [ -e "$CT_HOME/host/secret" ]
  layer whiteout-up <<END
file .wh...
file a/.wh...
file .wh.
file .wh..
END
  unpacks_inside whiteout-up
  [ "$(cat "$CT_HOME/host/secret")" = secret ]
}

@test "device nodes, odd types, huge ids and forged overlay attributes do no harm" {
  layer devices <<END
char null dev=1:3 mode=0666
block sda dev=8:0 mode=0666
fifo fifo
file ok data=x
END
  run --separate-stderr coracle pull -q --tls-verify=false "$BAD/ok/devices"
  [ "$status" = 0 ] || failed_with 125 ""
  layer odd <<END
raw odd type=Z
file x data=y
END
  unpacks_inside odd
  layer huge-ids <<<"file x uid=4000000000 gid=4000000000 data=y"
  run --separate-stderr coracle pull -q --tls-verify=false "$BAD/ok/huge-ids"
  [ "$status" = 0 ] || failed_with 125 ""
  layer forged <<END
dir d/ xattr.user.overlay.opaque=y xattr.trusted.overlay.opaque=y xattr.user.overlay.redirect=/etc
file d/f data=x xattr.user.overlay.metacopy= xattr.user.overlay.redirect=/etc/passwd
file name\nnewline data=x
file ok data=x
END
  unpacks_inside forged
}

@test "an unwritable run directory, an unwritable store" {
  mkdir -p "$CT_HOME/readonly"
  chmod 0500 "$CT_HOME/readonly"
  run --separate-stderr env XDG_RUNTIME_DIR="$CT_HOME/readonly" "$CORACLE" ps
  failed_with 125 "Permission denied"
  run --separate-stderr coracle --runroot "$CT_HOME/readonly/run" run --rm "$BB" true
  failed_with 125 "Permission denied"
  # Not below our own directory: as id 0 of our namespace we may write there whatever its mode is.
  run --separate-stderr coracle --root /usr/coracle-test-root run --rm "$BB" true
  failed_with 125 "Permission denied"
}

@test "a missing fuse-overlayfs, an unknown slirp option" {
  fuse=$(command -v fuse-overlayfs)
  # Hidden in a mount namespace of our own; the driver is probed again there.
  run --separate-stderr coracle unshare sh -c "rm -f '$XDG_RUNTIME_DIR/coracle/driver.json'
    mount --bind /dev/null '$fuse'
    exec '$CORACLE' --storage-driver fuse-overlayfs run --rm --network none '$BB' true"
  failed_with 125 "fuse-overlayfs"
  [ -z "$(coracle ps -aq)" ]
  run --separate-stderr coracle run --rm --network slirp:nonsense=1 "$BB" true
  failed_with 125 "nonsense"
}

# single_id_for REASON: a user namespace made with the search path $CT_HOME/path has one id, and
# that is told in one line, once.
single_id_for() {
  coracle="env PATH=$CT_HOME/path XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR $CORACLE"
  run --separate-stderr $coracle unshare /bin/cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
  again=$($coracle unshare /bin/true 2>&1)
  $coracle system migrate
  echo "$output / $stderr / $again"
  [ "$status" = 0 ]
  [ "$(printf '%s\n' "$output" | tr -s ' ')" = " 0 $(id -u) 1"$'\n'" 0 $(id -g) 1"$'\n'deny ]
  [ "$stderr" = "Warning: $1: containers have one user id, and files of other users in images belong to it" ]
  [ -z "$again" ]
}

@test "missing newuidmap and newgidmap: one line, one id" {
  mkdir "$CT_HOME/path"
  single_id_for "newuidmap and newgidmap are not installed (package uidmap)"
  ln -s "$(command -v newuidmap)" "$CT_HOME/path/newuidmap"
  single_id_for "newuidmap and newgidmap are not installed (package uidmap)"
}

@test "newuidmap and newgidmap that refuse: one line, one id" {
  rm -rf "$CT_HOME/path"
  mkdir "$CT_HOME/path"
  for helper in newuidmap newgidmap; do
    printf '#!/bin/sh\nexit 3\n' >"$CT_HOME/path/$helper"
    chmod +x "$CT_HOME/path/$helper"
  done
  single_id_for "newuidmap ended with status 3"
}

@test "no slirp plugin: one line, nothing left" {
  libexec=${CORACLE_LIBEXEC_DIR:-}
  copy=$CT_HOME/libexec
  mkdir -p "$copy"
  for program in coracle-image coracle-monitor coracle-keeper coracle-init coracle-seccomp; do
    for place in "$libexec/$program" "$CT_BUILD/cmd/$program/$program"; do
      [ ! -x "$place" ] || ln -sf "$place" "$copy/$program"
    done
  done
  mkdir -p "$copy/cni"
  printf '#!/bin/sh\nexit 127\n' >"$copy/cni/slirp"
  chmod +x "$copy/cni/slirp"
  run --separate-stderr env CORACLE_LIBEXEC_DIR="$copy" "$CORACLE" run --rm "$BB" true
  failed_with 126 "slirp"
  rm "$copy/cni/slirp"
  run --separate-stderr env CORACLE_LIBEXEC_DIR="$copy" "$CORACLE" run --rm "$BB" true
  failed_with 125 "slirp"
  [ -z "$(coracle ps -aq)" ]
  no_mounts
}

@test "a bad seccomp profile, env file, limit, device, port" {
  echo '{' >"$BATS_TEST_TMPDIR/bad.json"
  run --separate-stderr coracle run --rm --security-opt "seccomp=$BATS_TEST_TMPDIR/bad.json" --network none "$BB" true
  failed_with 125 "bad.json"
  run --separate-stderr coracle run --rm --env-file /no/such/file --network none "$BB" true
  failed_with 125 "/no/such/file"
  run --separate-stderr coracle run --rm --ulimit nofile=x --network none "$BB" true
  failed_with 125 ""
  run --separate-stderr coracle run --rm --device /dev/no-such-device --network none "$BB" true
  failed_with 125 "no-such-device"
  for port in 99999:80 a:80 80:0 1-3:1-2 127.0.0.1:80:80:80 80/xyz; do
    run --separate-stderr coracle run --rm -p "$port" "$BB" true
    failed_with 125 ""
  done
  run --separate-stderr coracle run --rm --cap-add no_such_cap --network none "$BB" true
  failed_with 125 ""
  run --separate-stderr coracle run --rm --name 'bad name' --network none "$BB" true
  failed_with 125 ""
  [ -z "$(coracle ps -aq)" ]
}

@test "damaged container records are one bad row, rm -f removes them" {
  id=$(coracle create --name damaged --network none "$BB" true)
  coracle create --name healthy --network none "$BB" true
  echo '{' >"$XDG_DATA_HOME/coracle/containers/$id/record.json"
  run coracle ps -a
  [[ "$output" == *healthy* ]]
  coracle rm -f -t 0 "$id"
  coracle rm healthy
  [ -z "$(ls "$XDG_DATA_HOME/coracle/containers")" ]
}
