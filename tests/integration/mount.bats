#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mount and unmount, inside unshare.

load helpers
load files

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# A shell inside `coracle unshare`; "c" is coracle there.
inside() {
  coracle unshare sh -ec 'c() { "$CORACLE" "$@"; }; '"$1"
}

# bats test_tags=shared
@test "inside unshare: the place is printed, and what is there is the container's" {
  export CORACLE
  coracle run --name m --network none "$BB" sh -c 'echo mine >/mine'
  id=$(coracle inspect --format '{{.Id}}' m)
  prints $'mine\nm' inside 'cat "$(c mount m)/mine"; c unmount m'
  run --separate-stderr inside 'c mount m >/dev/null; c mount; c mount --format json; c container unmount --latest'
  assert_status 0
  assert_match "${lines[0]}" "^${id:0:12} +/"
  assert_equal "$(sed '1d;$d' <<<"$output" | jq -r '.[0] | .id + " " + .Names[0]')" "$id m"
  assert_equal "${lines[-1]}" "$id"
  prints "" inside 'c mount'
  prints "$id" inside 'c mount m >/dev/null; c unmount --all'
  run --separate-stderr coracle mount m
  assert_status 125
  assert_output ""
  fails 125 'no container with name or ID "nobody" found: no such container' coracle unmount nobody
  fails 125 "you must provide at least one name or id" coracle unmount
}

@test "only inside unshare, as podman says it" {
  coracle create --name m --network none "$BB" true
  run --separate-stderr coracle mount m
  failed_with 125 'cannot run command "coracle mount" in rootless mode, must execute `coracle unshare` first'
  run -0 coracle unmount m
  [ "$output" = m ]
  run -0 coracle mount
  [ -z "$output" ]
}

@test "what is written there is the container's, with every storage driver" {
  export CORACLE
  for driver in $DRIVERS; do
    drv $driver run --name m --network none "$BB" sh -c 'echo a >/a; rm -r /bin/vi /root; mkdir /root'
    run -0 inside 'dir=$(c mount m); cat $dir/a; echo b >$dir/b; rm $dir/a; ls $dir/bin/vi 2>&1 || :; c unmount m'
    [ "${lines[0]}" = a ]
    [ "${lines[2]}" = m ]
    no_mounts
    run -0 coracle diff m
    grep -qx 'A /b' <<<"$output"
    ! grep -qx 'A /a' <<<"$output"
    coracle rm m
  done
}

@test "the mount ends with the unshare, and whoever is killed in it" {
  for driver in $DRIVERS; do
    drv $driver create --name m --network none "$BB" true
    inside 'c mount m >/dev/null'
    no_mounts
    timeout 20 "$CORACLE" start -a m
    "$CORACLE" unshare sh -c '"$0" mount m >/dev/null; echo $$ >"$1"; exec sleep 100' \
      "$CORACLE" "$BATS_TEST_TMPDIR/pid" 3>&- &
    wait_for 10 test -s "$BATS_TEST_TMPDIR/pid"
    kill -KILL $! "$(cat "$BATS_TEST_TMPDIR/pid")"
    rm "$BATS_TEST_TMPDIR/pid"
    wait_for 10 timeout 5 "$CORACLE" start m
    coracle rm -f -t 0 m
    no_container_processes
    store_is_clean
  done
}

@test "mounts are counted, listed, and forced" {
  coracle create --name m --network none "$BB" true
  coracle create --name n --network none "$BB" true
  id=$(coracle inspect --format '{{.Id}}' m)
  run -0 inside 'c mount m; c mount m; c unmount m; c mount --no-trunc; c unmount m; c mount'
  [ "${lines[0]}" = "${lines[1]}" ]
  [ "${lines[3]}" = "$id  ${lines[0]}" ]
  [ "${lines[4]}" = m ]
  [ "${#lines[@]}" = 5 ]
  run -0 inside 'c mount m >/dev/null; c mount m --format json; c mount --format json; c unmount --all >/dev/null'
  [ "$(jq -s length <<<"$output")" = 2 ]
  [ "$(jq -sr '.[1][0] | .id + " " + .Names[0] + " " + (.mountpoint | test("^/") | tostring)' <<<"$output")" = "$id m true" ]
  run -0 inside 'c mount --all | wc -l; c unmount -a | wc -l; c mount --latest; c umount -l'
  [ "${lines[0]} ${lines[1]}" = "2 2" ]
  [ "${lines[3]}" = "$(coracle inspect --format '{{.Id}}' n)" ]
  run -0 inside 'cd $(c mount m); c unmount m 2>&1 || echo busy; c unmount --force m'
  echo "$output"
  [[ "${lines[0]}" == *"busy"* ]]
  [ "${lines[1]} ${lines[2]}" = "busy m" ]
}

@test "a running container: its root file system, without volumes" {
  started m -v vol:/data -- 'echo v >/data/v; echo r >/r'
  run -0 inside 'dir=$(c mount m); cat $dir/r; ls $dir/data; echo new >$dir/new; c unmount m'
  [ "$output" = "r
m" ]
  coracle cp m:/new - | tar xO | grep -qx new
  coracle rm -f -t 0 m
  coracle volume rm vol
}

@test "a mounted container does not start; cp, export and commit work on it" {
  coracle create --name m --network none "$BB" true
  "$CORACLE" unshare sh -c 'dir=$("$0" mount m); echo there >"$dir/f"; echo "$dir" >"$1"; sleep 5' \
    "$CORACLE" "$BATS_TEST_TMPDIR/path" 3>&- &
  wait_for 10 test -s "$BATS_TEST_TMPDIR/path"
  run --separate-stderr coracle start m
  failed_with 125 "is mounted at $(cat "$BATS_TEST_TMPDIR/path"): unmount it"
  run --separate-stderr coracle unmount m
  failed_with 125 'mounted in another `coracle unshare`'
  coracle cp m:/f - | tar xO | grep -qx there
  echo host >"$BATS_TEST_TMPDIR/F"
  coracle cp "$BATS_TEST_TMPDIR/F" m:/f
  coracle export m | tar xO f | grep -qx host
  coracle commit -q m made
  wait
  [ "$(coracle run --rm --network none made cat /f)" = host ]
  coracle start -a m
  coracle rm m
  coracle rmi made
}

@test "what is wrong is said in one line" {
  run --separate-stderr inside 'c mount nope'
  failed_with 125 "no such container"
  run --separate-stderr coracle mount --format xml
  failed_with 125 'unknown --format argument: "xml"'
  run --separate-stderr coracle unmount
  failed_with 125 "you must provide at least one name or id"
  run --separate-stderr coracle umount nope
  failed_with 125 "no such container"
}
