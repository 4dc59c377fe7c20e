#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# commit: the layer, the image, and what other tools make of it.

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

# The last layer's blob of an image.
last_blob() {
  id=$(coracle image inspect --format '{{.Id}}' "$1")
  digest=$(jq -r '.layers[-1].digest' "$XDG_DATA_HOME/coracle/images/$id/"*.manifest)
  echo "$XDG_DATA_HOME/coracle/blobs/sha256/${digest#sha256:}"
}

# An OCI layout of an image, put together from the store's own files.
image_layout() {
  id=$(coracle image inspect --format '{{.Id}}' "$1")
  dir=$XDG_DATA_HOME/coracle/images/$id
  layout_new "$2"
  cp "$dir/config.json" "$2/blobs/sha256/$id"
  for hex in $(jq -r '.layers[].digest[7:]' "$dir"/*.manifest); do
    cp "$XDG_DATA_HOME/coracle/blobs/sha256/$hex" "$2/blobs/sha256/"
  done
  blob=$(layout_blob "$2" "$dir"/*.manifest application/vnd.oci.image.manifest.v1+json)
  jq -c --argjson m "$blob" '.manifests = [$m + {annotations: {"org.opencontainers.image.ref.name": "latest"}}]' \
    "$2/index.json" >"$2/index.new"
  mv "$2/index.new" "$2/index.json"
}

# bats test_tags=shared
@test "an image of the container, with its defaults or others" {
  coracle run --name c --network none -e MINE=1 -w /tmp -l a=b "$BB" sh -c 'echo mine >/mine; rm /bin/vi'
  run --separate-stderr coracle commit -q c made
  assert_status 0
  assert_match "$output" '^[0-9a-f]{64}$'
  assert_stderr ""
  prints "$output [localhost/made:latest] 2" coracle image inspect \
    --format '{{.Id}} {{.RepoTags}} {{len .RootFS.Layers}}' made
  prints "/tmp [sh -c echo mine >/mine; rm /bin/vi]" coracle image inspect --format '{{.Config.WorkingDir}} {{.Config.Cmd}}' made
  prints $'mine\n1\n/tmp\ngone' coracle run --rm --network none made \
    sh -c 'cat /mine; echo $MINE; pwd; [ -e /bin/vi ] || echo gone'
  run -0 coracle commit -q -a somebody -c 'CMD ["cat", "/mine"]' -c 'ENV A=b' -c 'LABEL k=v' c made:2
  prints "somebody [cat /mine] v" coracle image inspect \
    --format '{{.Author}} {{.Config.Cmd}} {{.Config.Labels.k}}' made:2
  prints mine coracle run --rm --network none made:2
  assert_state c exited
  fails 125 'no container with name or ID "nobody" found: no such container' coracle commit nobody
  fails 125 "accepts between 1 and 2 arg(s), received 3" coracle commit c one two
  coracle rmi made made:2
}


@test "the image looks as the container did, with every storage driver" {
  for driver in $DRIVERS; do
    drv $driver run --name c --network none "$LAYERS" sh -c "$MANY_CHANGES"
    list_container c >"$BATS_TEST_TMPDIR/container"
    drv $driver commit -q c made-$driver
    drv $driver create --name i --network none made-$driver
    list_container i >"$BATS_TEST_TMPDIR/image"
    [ $driver != fuse-overlayfs ] || sed -i 's/ links=[^ ]*//' "$BATS_TEST_TMPDIR/container" "$BATS_TEST_TMPDIR/image"
    # Where the runtime mounts something: made in a copy once the container runs.
    sed -Ei '/^\/(dev|proc|sys|run|etc\/(hosts|hostname|resolv.conf|mtab))[ \/]/d' \
      "$BATS_TEST_TMPDIR/container" "$BATS_TEST_TMPDIR/image"
    diff "$BATS_TEST_TMPDIR/container" "$BATS_TEST_TMPDIR/image" || { echo $driver; false; }
    coracle rm c i
    coracle rmi made-$driver
  done
}

@test "GNU tar lists the layer: whiteouts first, parents before children, nothing of overlayfs" {
  coracle run --name c --network none "$LAYERS" sh -c "$MANY_CHANGES"
  coracle commit -q c made
  run -0 tar tf "$(last_blob made)"
  grep -qx 'data/.wh.owned' <<<"$output"
  grep -qx 'data/.wh.replaced' <<<"$output"
  grep -qx 'data/opaque/.wh..wh..opq' <<<"$output"
  grep -qx 'data/opaque/again' <<<"$output"
  grep -qx 'data/kept/' <<<"$output"
  ! grep -q 'data/.wh.kept' <<<"$output"
  ! grep -qE '^(dev|proc|sys|run)/' <<<"$output"
  ! grep -q 'etc/hosts' <<<"$output"
  [ "$(grep -n 'data/.wh.replaced' <<<"$output" | cut -d: -f1)" -lt "$(grep -n '^data/kept/$' <<<"$output" | cut -d: -f1)" ]
  run -0 tar tvf "$(last_blob made)"
  grep -q '^hrws--x--x .* new/two link to new/one' <<<"$output"
  ! strings "$(last_blob made)" | grep -q 'user.overlay'
  coracle rmi made
}

@test "umoci unpacks it to the same tree, skopeo takes it" {
  need_command umoci
  need_command skopeo
  coracle run --name c --network none "$LAYERS" sh -c "$MANY_CHANGES"
  coracle commit -q c made
  image_layout made "$BATS_TEST_TMPDIR/layout"
  skopeo copy -q "oci:$BATS_TEST_TMPDIR/layout:latest" "oci:$BATS_TEST_TMPDIR/copy:latest"
  umoci unpack --rootless --image "$BATS_TEST_TMPDIR/copy:latest" "$CT_HOME/bundle" >/dev/null
  "$CT_LIST_TREE" -n "$CT_HOME/bundle/rootfs" | sed 's/ user.rootlesscontainers=[^ ]*//' >"$BATS_TEST_TMPDIR/umoci"
  coracle create --name i --network none made
  coracle unshare sh -c '"$1" -n "$("$2" mount i)"' sh "$CT_LIST_TREE" "$CORACLE" >"$BATS_TEST_TMPDIR/ours"
  # What the layers below left undone by a user is not the matter here.
  mine='^/(new|usr|data/(kept|opaque))[ /]'
  grep -E "$mine" "$BATS_TEST_TMPDIR/ours" >"$BATS_TEST_TMPDIR/a"
  grep -E "$mine" "$BATS_TEST_TMPDIR/umoci" >"$BATS_TEST_TMPDIR/b"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/a")" -gt 8 ]
  diff "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
  chmod -R u+rwX "$CT_HOME/bundle"
  rm -rf "$CT_HOME/bundle"
  coracle rmi -f made
}

@test "the container's options become the image's defaults" {
  coracle run --name c --network none -e MINE=1 -u 5 -w /tmp -l a=b --expose 80 --entrypoint '["echo","x"]' "$BB" y z
  id=$(coracle commit c made)
  [[ "$id" =~ ^[0-9a-f]{64}$ ]]
  run -0 coracle image inspect --format '{{.Id}} {{.Config.User}} {{.Config.WorkingDir}} {{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.ExposedPorts}} {{json .Config.Labels}}' made
  [ "$output" = "$id 5 /tmp [\"echo\",\"x\"] [\"y\",\"z\"] {\"80/tcp\":{}} {\"a\":\"b\"}" ]
  run -0 coracle image inspect --format '{{json .Config.Env}}' made
  grep -q '"MINE=1"' <<<"$output"
  ! grep -qE 'HOSTNAME|"container=|TERM=' <<<"$output"
  run -0 coracle run --rm --network none made
  [ "$output" = "x y z" ]
  coracle rmi made
}

@test "what is no UTF-8 is replaced: a configuration is for others, too" {
  coracle run --name c --network none "$BB" echo "$(printf 'caf\351')"
  coracle commit -q -c "$(printf 'ENV DRINK=t\351')" c made
  run -0 coracle run --rm --network none --entrypoint sh made -c 'echo "$DRINK"'
  [ "$output" = $'t\xef\xbf\xbd' ]
  run -0 coracle run --rm --network none made
  [ "$output" = $'caf\xef\xbf\xbd' ]
  coracle rmi made
}

@test "--change, --author, --message, --format docker, --iidfile" {
  coracle run --name c --network none "$BB" true
  coracle commit -q -f docker -m 'why not' -a 'A Person' -c 'CMD ["cat", "/etc/passwd"]' -c ENV=a=b \
    --change 'LABEL x="y z"' --iidfile "$BATS_TEST_TMPDIR/iid" c reg.example/made:1
  run -0 coracle image inspect --format '{{.Author}} {{.ManifestType}} {{json .Config.Cmd}} {{index .Config.Labels "x"}} {{.Id}}' reg.example/made:1
  [ "$output" = "A Person application/vnd.docker.distribution.manifest.v2+json [\"cat\",\"/etc/passwd\"] y z $(cat "$BATS_TEST_TMPDIR/iid")" ]
  run -0 coracle image inspect --format '{{json .History}}' reg.example/made:1
  echo "$output"
  [ "$(jq -r '.[-1] | .comment + "/" + .author + "/" + .created_by' <<<"$output")" = "why not/A Person/true" ]
  coracle rmi reg.example/made:1
}

@test "without a name, twice, and of a container made of a committed image" {
  coracle run --name c --network none "$BB" sh -c 'echo 1 >/one'
  id=$(coracle commit c)
  coracle image exists "$id"
  coracle run --name d --network none "$id" sh -c 'echo 2 >/two; rm /one'
  coracle commit -q d second
  run -0 coracle run --rm --network none second sh -c 'ls /one /two 2>/dev/null; :'
  [ "$output" = /two ]
  [ "$(coracle image inspect --format '{{json .RootFS.Layers}}' second | jq length)" = 3 ]
  coracle rm c d
  coracle rmi second "$id"
}

@test "--squash makes one layer, --include-volumes volumes" {
  for driver in $DRIVERS; do
    drv $driver run --name c --network none -v /data "$LAYERS" sh -c 'echo x >/x; rm -r /usr'
    drv $driver commit -q -s --include-volumes c squashed
    run -0 coracle image inspect --format '{{json .RootFS.Layers}} {{len .History}} {{json .Config.Volumes}}' squashed
    [ "$(sed 's/ .*//' <<<"$output" | jq length)" = 1 ]
    [[ "$output" == *' 1 {"/data":{}}' ]]
    run -0 coracle run --rm --network none squashed sh -c 'cat /x; ls -d /usr /links 2>/dev/null; :'
    [ "$output" = "x
/links" ] || { echo "$driver: $output"; false; }
    ! tar tf "$(last_blob squashed)" | grep -q '\.wh\.'
    coracle rm -v c
    coracle rmi squashed
  done
}

@test "a running container, and one whose files vanish meanwhile" {
  started c -- 'echo here >/here; (while :; do mkdir -p /t/a/b; echo x >/t/a/b/c; rm -rf /t; done) &'
  for i in 1 2 3 4 5; do
    id=$(coracle commit -q c)
    run -0 coracle run --rm --network none "$id" cat /here
    [ "$output" = here ]
    coracle rmi "$id"
  done
}

@test "--pause: files that change together stay together, and the container goes on" {
  started c -- 'echo 0 >/a; echo 0 >/b; (i=0; while :; do i=$((i+1)); echo $i >/x; mv /x /a; echo $i >/x; mv /x /b; done) &'
  for i in 1 2 3; do
    id=$(coracle commit -q --pause c)
    run -0 coracle run --rm --network none "$id" sh -c 'a=$(cat /a); b=$(cat /b); echo $((a - b))'
    # It may have been stopped between the two writes.
    [ "$output" = 0 ] || [ "$output" = 1 ] || { echo "apart: $output"; false; }
    coracle rmi "$id"
  done
  before=$(coracle cp c:/a - | tar xO)
  sleep 0.3
  [ "$(coracle cp c:/a - | tar xO)" != "$before" ]
  # So it does when the commit is killed.
  "$CORACLE" commit -q --pause -s c made 3>&- &
  sleep 0.05
  kill -KILL $! 2>/dev/null || :
  pid=$(coracle inspect --format '{{.State.Pid}}' c)
  wait_for 5 sh -c "! grep -q '^State:.T' /proc/$pid/status"
  before=$(coracle cp c:/a - | tar xO)
  sleep 0.3
  [ "$(coracle cp c:/a - | tar xO)" != "$before" ]
}

@test "owners of a nested user namespace become those of the image" {
  for driver in fuse-overlayfs copy; do
    drv $driver run --name c --userns keep-id --network none "$BB" sh -c 'echo x >/tmp/x'
    drv $driver commit -q c nested
    run -0 coracle run --rm --network none nested stat -c '%u:%g' /tmp/x
    [ "$output" = "$(id -u):$(id -g)" ] || { echo "$driver: $output"; false; }
    coracle rm c
    coracle rmi nested
  done
}

@test "names that would delete files in a layer are left out with a warning" {
  coracle run --name c --network none "$BB" sh -c '>/.wh.bin; mkdir /etc/.wh.x; >/etc/.wh.x/y; >/ok'
  run --separate-stderr -0 coracle commit -q c made
  grep -q '.wh.bin is left out' <<<"$stderr"
  run -0 coracle run --rm --network none made ls -a / /etc
  grep -qx bin <<<"$output"
  grep -qx ok <<<"$output"
  ! grep -q wh.x <<<"$output"
  coracle rmi made
}

@test "what is wrong is said in one line, and leaves nothing" {
  coracle run --name c --network none "$BB" true
  before=$(ls "$XDG_DATA_HOME/coracle/layers" "$XDG_DATA_HOME/coracle/blobs/sha256" "$XDG_DATA_HOME/coracle/images")
  run --separate-stderr coracle commit nope
  failed_with 125 "no such container"
  run --separate-stderr coracle commit -m msg c made
  failed_with 125 "messages are only compatible with the docker image format (-f docker)"
  run --separate-stderr coracle commit -f x c made
  failed_with 125 'unrecognized image format "x"'
  run --separate-stderr coracle commit -c 'NONE x' c made
  failed_with 125 'NONE x'
  run --separate-stderr coracle commit c Made
  failed_with 125 'lowercase'
  run --separate-stderr coracle commit c a b
  failed_with 125 'accepts'
  [ "$before" = "$(ls "$XDG_DATA_HOME/coracle/layers" "$XDG_DATA_HOME/coracle/blobs/sha256" "$XDG_DATA_HOME/coracle/images")" ]
  store_is_clean
}

@test "a commit that is killed leaves the store and the container usable" {
  need_debian
  coracle pull -q "$DEB"
  coracle create --name c --network none "$DEB" true
  for delay in 0.05 0.1 0.2 0.4; do
    "$CORACLE" commit -q -s c made 3>&- &
    sleep $delay
    kill -KILL $! 2>/dev/null || :
    wait $! || :
  done
  no_mounts
  coracle commit -q -s c made
  run -0 coracle run --rm --network none made cat /etc/debian_version
  coracle rm c
  coracle rmi -f made
  store_is_clean
}
