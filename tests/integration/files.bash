# SPDX-License-Identifier: Apache-2.0
# Loaded after helpers by the tests of diff, export, commit, cp and mount.

DRIVERS="overlay fuse-overlayfs copy"

# Containers with a driver: drv overlay run ...
drv() {
  "$CORACLE" --storage-driver "$1" "${@:2}"
}

# started NAME [OPTION...] -- SCRIPT: a container in the background that has come to the end of SCRIPT.
started() {
  name=$1
  shift
  options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  coracle run -d --name "$name" --network none "${options[@]}" "$BB" \
    sh -c "$2
      echo ready; exec sleep 1000" >/dev/null
  wait_for 10 sh -c "'$CORACLE' logs '$name' | grep -q ready"
}

# The root file system of a container that does not run, entry by entry.
list_container() {
  coracle unshare sh -c '"$1" "$("$2" mount "$3")"' sh "$CT_LIST_TREE" "$CORACLE" "$1"
}

# What GNU tar makes of an archive.
list_archive() {
  mkdir "$CT_HOME/untar"
  coracle unshare tar -x -p --numeric-owner --xattrs --xattrs-include='*' -C "$CT_HOME/untar" -f "$1"
  coracle unshare "$CT_LIST_TREE" "$CT_HOME/untar"
  coracle unshare rm -rf "$CT_HOME/untar"
}

# Every kind of change to what test/layers has; for a shell in a container.
MANY_CHANGES='
  echo more >>/etc/passwd
  rm /data/replaced /data/owned
  rm -r /data/opaque; mkdir /data/opaque; echo new >/data/opaque/again
  rm -r /usr; echo file >/usr
  rm /data/kept; mkdir -p /data/kept/deep; echo x >/data/kept/deep/f
  mkdir -m 2750 /new; echo one >/new/one; ln /new/one /new/two; ln -s ../data /new/link
  mkfifo -m 620 /new/fifo; chown 12:34 /new/one; chmod 4711 /new/two
  dd if=/dev/zero of=/new/sparse bs=1 count=1 seek=3000000 2>/dev/null
  touch -h -d @1234567890 /new/link; touch -d @1000000000 /new
  printf x >"/new/odd
 name"
'
