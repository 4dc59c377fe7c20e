#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cp: between containers and the host, as files and as archives.

load helpers
load files

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

setup() {
  cd "$BATS_TEST_TMPDIR"
  mkdir -p h/sub empty
  echo one >h/1
  ln -s 1 h/link
  echo two >h/sub/2
  echo file >F
  ln -s F L
  ln -s h LD
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# What a container is to have for the tests of reading.
SOURCE='mkdir -p /d/e; echo f >/d/f; echo g >/d/e/g; ln -s f /d/l; ln -s /d /ld; ln -s /etc/passwd /d/abs
  ln -s /nowhere /dang; mkfifo /d/p; chown 5:6 /d/e/g; chmod 4755 /d/f; touch -d @1000000000 /d/e/g /d/e'

# stopped NAME [OPTION...] -- SCRIPT
stopped() {
  name=$1
  shift
  options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  coracle run --name "$name" --network none "${options[@]}" "$BB" sh -c "$2"
}

# What is in a container, running or not: names with type, mode, owner and size.
inside() {
  coracle cp "$1" - | tar tvn | sed -E 's/ +/ /g' | awk '{ print $1, $2, $6 }'
}

mktar() {
  "$CT_SUPPORT/mktar" >"$1.tar"
}

names_in() {
  find "$1" -mindepth 1 -printf '%P\n' | sort
}

# bats test_tags=shared
@test "files and folders, in and out, running or not" {
  coracle run -d --name c --network none "$BB" sh -c 'mkdir -p /d/e; echo f >/d/f; echo g >/d/e/g; sleep 1000'
  wait_for 10 "$CORACLE" exec c cat /d/e/g
  prints "" coracle cp c:/d/f out
  assert_equal "$(cat out)" f
  prints "" coracle cp c:/d here
  assert_equal "$(cd here && find . -type f | sort | xargs)" "./e/g ./f"
  prints "" coracle cp c:/d/. empty
  assert_equal "$(cd empty && find . -type f | sort | xargs)" "./e/g ./f"
  prints "" coracle cp F c:/tmp/new
  prints file coracle exec c cat /tmp/new
  prints "" coracle container cp h c:/tmp
  prints $'one\ntwo\n1' coracle exec c sh -c 'cat /tmp/h/1 /tmp/h/sub/2; readlink /tmp/h/link'
  coracle stop -t 0 c
  prints "" coracle cp F c:/stopped
  prints "" coracle cp c:/stopped back
  assert_equal "$(cat back)" file
  prints file bash -c "'$CORACLE' cp c:/stopped - | tar -xO stopped"
  prints "" bash -c "tar -c F | '$CORACLE' cp - c:/tmp"
  prints "" coracle cp c:/tmp/F again
  assert_equal "$(cat again)" file
}

# bats test_tags=shared
@test "what is not there cannot be copied" {
  coracle create --name c --network none "$BB" true
  fails 125 '"/nothing" could not be found on container c' coracle cp c:/nothing out
  fails 125 'could not be found on the host' coracle cp "$PWD/nothing" c:/
  fails 125 '"nobody"' coracle cp nobody:/x out
  fails 125 "accepts 2 arg(s), received 1" coracle cp c:/x
  fails 125 "" coracle cp F h
  assert_equal "$(find . -name out)" ""
}


@test "from a container: a file, a directory, its content, with podman's rules for names" {
  for make in started stopped; do
    $make c -- "$SOURCE"
    coracle cp c:/d/f out
    [ "$(cat out)" = f ]
    coracle cp c:/d/f empty
    [ "$(cat empty/f)" = f ]
    coracle cp c:/d empty/
    [ "$(names_in empty)" = "d
d/abs
d/e
d/e/g
d/f
d/l
d/p
f" ]
    [ "$(readlink empty/d/abs)" = /etc/passwd ]
    [ "$(stat -c %Y empty/d/e empty/d/e/g | sort -u)" = 1000000000 ]
    coracle cp c:/d/. content
    [ "$(names_in content)" = "abs
e
e/g
f
l
p" ]
    coracle container cp c:d/e e
    [ "$(names_in e)" = g ]
    # All is the caller's, and nothing has setuid.
    [ "$(find . -printf '%u\n' | sort -u)" = "$(id -un)" ]
    [ -z "$(find . -type f -perm /6000)" ]
    coracle rm -f -t 0 c
    rm -rf out empty content e
    mkdir empty
  done
}

@test "links at the end of a path are followed, in the container" {
  started c -- "$SOURCE"
  coracle cp c:/d/l l
  [ ! -L l ]
  [ "$(cat l)" = f ]
  coracle cp c:/ld ld
  [ "$(cat ld/e/g)" = g ]
  coracle cp c:/d/abs passwd
  ! diff -q passwd /etc/passwd
  grep -q '^root:' passwd
  coracle cp L c:/L
  coracle cp c:/L - | tar xO | grep -qx file
  coracle cp LD c:/LD
  [ "$(inside c:/LD | head -n 1)" = "drwxr-xr-x 0/0 LD/" ]
  # What a link leads to is replaced, the link stays.
  coracle cp F c:/d/l
  run -0 inside c:/d/.
  grep -q '^lrwxrwxrwx 0/0 l' <<<"$output"
  coracle cp c:/d/f F2
  [ "$(cat F2)" = file ]
}

@test "to a container: files belong to its user, or with --archive=false to their owners" {
  for make in started stopped; do
    $make c -u 1000:50 -- ':'
    coracle cp F c:/tmp/F1
    coracle cp -a=false F c:/tmp/F2
    coracle cp h c:/tmp/h1
    coracle cp h c:/tmp
    coracle cp h/. c:/tmp/h1/sub
    run -0 inside c:/tmp/.
    [ "$output" = "-rw-r--r-- 1000/50 F1
-rw-r--r-- 0/0 F2
drwxr-xr-x 1000/50 h/
-rw-r--r-- 1000/50 h/1
lrwxrwxrwx 1000/50 h/link
drwxr-xr-x 1000/50 h/sub/
-rw-r--r-- 1000/50 h/sub/2
drwxr-xr-x 1000/50 h1/
-rw-r--r-- 1000/50 h1/1
lrwxrwxrwx 1000/50 h1/link
drwxr-xr-x 1000/50 h1/sub/
-rw-r--r-- 1000/50 h1/sub/1
-rw-r--r-- 1000/50 h1/sub/2
lrwxrwxrwx 1000/50 h1/sub/link
drwxr-xr-x 1000/50 h1/sub/sub/
-rw-r--r-- 1000/50 h1/sub/sub/2" ] || { echo "$make: $output"; false; }
    coracle rm -f -t 0 c
  done
}

@test "what is not there, and what cannot be, is told" {
  started c -- "$SOURCE"
  run --separate-stderr coracle cp nope:/x .
  failed_with 125 "no such container"
  run --separate-stderr coracle cp a b
  failed_with 125 "must be CONTAINER:PATH"
  run --separate-stderr coracle cp F c:
  failed_with 125 "you must specify paths"
  for path in /nope /nope/x /dang /d/f/ /d/f/.; do
    run --separate-stderr coracle cp "c:$path" .
    failed_with 125 "\"$path\" could not be found on container c"
  done
  for path in nodir/ nodir/x; do
    run --separate-stderr coracle cp c:/d/f $path
    failed_with 125 "\"$path\" could not be found on the host"
    run --separate-stderr coracle cp F c:/$path
    failed_with 125 "\"/$path\" could not be found on container c"
  done
  run --separate-stderr coracle cp c:/d nodir/
  failed_with 125 'could not be found on the host'
  run --separate-stderr coracle cp nope c:/d
  failed_with 125 '"nope" could not be found on the host'
  run --separate-stderr coracle cp c:/d F
  failed_with 125 "destination must be a directory when copying a directory"
  run --separate-stderr coracle cp h c:/d/f
  failed_with 125 "destination must be a directory when copying a directory"
  run --separate-stderr coracle cp F c:/dang
  failed_with 125 "could not be found"
  run --separate-stderr coracle cp F
  failed_with 125 "accepts 2 arg(s), received 1"
}

@test "directories and files replace each other with --overwrite only" {
  started c -- 'mkdir -p /t/F /t/h; echo x >/t/F/keep; echo x >/t/h/sub; mkdir /t/h/1'
  run --separate-stderr coracle cp F c:/t
  failed_with 125 "--overwrite"
  run --separate-stderr coracle cp h c:/t
  failed_with 125 "replace"
  run -0 inside c:/t/F/.
  [[ "$output" == *keep ]]
  coracle cp --overwrite F c:/t
  coracle cp --overwrite h c:/t
  run -0 inside c:/t/.
  [ "$(awk '{ print $3 }' <<<"$output" | tr '\n' ' ')" = "F h/ h/1 h/link h/sub/ h/sub/2 " ]
}

@test "between containers, and within one" {
  started a -- "$SOURCE"
  stopped b -u 7:8 -- 'mkdir /tmp/in'
  coracle cp a:/d b:/tmp/in
  coracle cp -a=false a:/d/e b:/kept
  [ "$(inside b:/kept/.)" = "-rw-r--r-- 5/6 g" ]
  run -0 inside b:/tmp/in/.
  [ "$output" = "drwxr-xr-x 7/8 d/
lrwxrwxrwx 7/8 d/abs
drwxr-xr-x 7/8 d/e/
-rw-r--r-- 7/8 d/e/g
-rwsr-xr-x 7/8 d/f
lrwxrwxrwx 7/8 d/l
prw-r--r-- 7/8 d/p" ]
  coracle cp b:/tmp/in/d/e a:/back
  coracle cp a:/back a:/again
  [ "$(inside a:/again/.)" = "-rw-r--r-- 0/0 g" ]
  for target in /d/e /d/ /d/e/new /; do
    run --separate-stderr coracle cp a:/d a:$target
    [ "$status" = 125 ] || { echo "$target: $status"; false; }
  done
  run --separate-stderr coracle cp a:/d/f a:/d
  failed_with 125 "is what it would be copied to"
  coracle cp a:/d/f f
  [ "$(cat f)" = f ]
  # In opposite directions at once: neither waits for the other for ever.
  stopped c -- ':'
  for i in 1 2 3 4 5; do
    timeout 60 "$CORACLE" cp b:/tmp/in c:/ 3>&- &
    timeout 60 "$CORACLE" cp c:/etc b:/ 3>&- &
  done
  wait
  run -0 inside c:/in/.
  [[ "$output" == *d/e/g* ]]
}

@test "volumes and tmpfs are seen, running; volumes are, stopped" {
  started c -v vol:/data -v "$PWD/h:/host:ro" --tmpfs /t -- 'echo v >/data/v; echo t >/t/t'
  coracle cp c:/data/v v
  coracle cp c:/t/t t
  coracle cp c:/host/1 host
  [ "$(cat v t host)" = "v
t
one" ]
  coracle cp F c:/data/F
  coracle cp F c:/t/F
  run --separate-stderr coracle cp F c:/host/F
  failed_with 125 "Read-only file system"
  [ ! -e h/F ]
  coracle rm -f -t 0 c
  coracle create --name s -v vol:/data -v "$PWD/h:/host:ro" -v fresh:/bin --network none "$BB" true
  coracle cp s:/data/F F3
  coracle cp F s:/data/G
  coracle cp s:/host/sub sub
  [ "$(cat F3 sub/2)" = "file
two" ]
  run --separate-stderr coracle cp F s:/host/F
  failed_with 125 "Read-only file system"
  # A volume that is used for the first time has what the image has there.
  coracle cp F s:/bin/F
  run -0 coracle run --rm --network none -v vol:/data -v fresh:/b "$BB" ls /data /b/F /b/busybox
  [ "$output" = "/b/F
/b/busybox

/data:
F
G
v" ]
  no_mounts
  coracle rm s
  coracle volume rm vol fresh
}

@test "what the container has mounted on a file is written to, not taken away" {
  started c -v "$PWD/h/1:/etc/mine" -- ':'
  coracle cp F c:/etc/mine
  [ "$(cat h/1)" = file ]
  mkdir etc
  echo again >etc/mine
  coracle cp etc c:/
  [ "$(cat h/1)" = again ]
  run --separate-stderr coracle cp F c:/dev/null
  failed_with 125 "Device or resource busy"
  echo more >h/1
  coracle cp c:/etc/mine mine
  [ "$(cat mine)" = more ]
}

@test "an archive to standard output is what GNU tar makes of the same files" {
  for make in started stopped; do
    $make c -- "$SOURCE"
    run -0 inside c:/d
    [ "$output" = "drwxr-xr-x 0/0 d/
lrwxrwxrwx 0/0 d/abs
drwxr-xr-x 0/0 d/e/
-rw-r--r-- 5/6 d/e/g
-rwsr-xr-x 0/0 d/f
lrwxrwxrwx 0/0 d/l
prw-r--r-- 0/0 d/p" ]
    [ "$(inside c:/ld | head -n 1)" = "drwxr-xr-x 0/0 ld/" ]
    [ "$(inside c:/d/e/.)" = "-rw-r--r-- 5/6 g" ]
    [ "$(inside c:/d/l)" = "-rwsr-xr-x 0/0 l" ]
    coracle cp c:/ - | tar t >all
    grep -qx 'd/e/g' all
    ! grep -qE '^(proc|sys)/.' all
    run --separate-stderr coracle cp c:/nope -
    failed_with 125 "could not be found on container"
    coracle rm -f -t 0 c
  done
}

@test "an archive from standard input, compressed or not, is unpacked" {
  truncate -s 3M h/sparse
  ln h/1 h/hard
  setfattr -n user.mine -v x h/1 || skip "no extended attributes here"
  mkfifo h/fifo
  chmod 2710 h/sub
  touch -d @1000000000 h/sub
  for make in started stopped; do
    for flag in "" --gzip --xz --zstd; do
      $make c -u 3:4 -- ':'
      tar c $flag --sparse --xattrs h | coracle cp - c:/tmp
      tar c $flag --owner 0 --group 0 h/1 | coracle cp -a=false - c:/tmp/h/sub
      coracle cp c:/tmp/h - | tar tvn >listing
      [ "$(sed -E 's/ +/ /g' listing | awk '{ print $1, $2, $6, $7, $8, $9 }')" = "drwxr-xr-x 3/4 h/   
-rw-r--r-- 3/4 h/1   
prw-r--r-- 3/4 h/fifo   
hrw-r--r-- 3/4 h/hard link to h/1
lrwxrwxrwx 3/4 h/link -> 1 
-rw-r--r-- 3/4 h/sparse   
drwx--s--- 3/4 h/sub/   
-rw-r--r-- 3/4 h/sub/2   
drwxr-sr-x 0/4 h/sub/h/   
-rw-r--r-- 0/0 h/sub/h/1   " ] || [ "$flag" != "" ] || { cat listing; false; }
      coracle cp c:/tmp/h/1 back
      [ "$(getfattr -n user.mine --only-values back)" = x ]
      coracle rm -f -t 0 c
    done
  done
  started c -- ':'
  run --separate-stderr sh -c "tar c h | '$CORACLE' cp - c:/nope"
  failed_with 125 "destination must be a directory when copying from stdin"
  run --separate-stderr sh -c "tar c h | '$CORACLE' cp - c:/etc/passwd"
  failed_with 125 "destination must be a directory when copying from stdin"
  run --separate-stderr sh -c "echo junk | '$CORACLE' cp - c:/tmp"
  failed_with 125 "source must be a (compressed) tar archive when copying from stdin"
  run --separate-stderr coracle cp - -
  failed_with 125 "must be CONTAINER:PATH"
}

@test "entries of an archive stay in the container: .., links, hard links, devices, long names" {
  mkdir out
  echo host >out/secret
  long=$(printf 'd%.0s' $(seq 200))
  printf 'file ../../dots data=x\n' | mktar dots
  printf 'file %s/abs data=x\n' "$PWD/out" | mktar abs
  printf 'symlink l target=%s\nfile l/through data=x\nsymlink m target=../../../../../../..%s\nfile m/through data=x\n' \
    "$PWD/out" "$PWD/out" | mktar symlink
  printf 'hardlink h target=%s/secret\n' "$PWD/out" | mktar hardlink
  printf 'symlink s target=%s/secret\nhardlink h target=s\nfile h data=x\n' "$PWD/out" | mktar hardlink2
  printf 'char null dev=1:3\nfile after data=x\n' | mktar device
  printf 'file %s data=x\n' "$(printf "$long/%.0s" $(seq 25))f" | mktar long
  printf 'file %s data=x\n' "$long$long" | mktar toolong
  printf 'file %s data=x\n' "$(printf 'd/%.0s' $(seq 300))f" | mktar deep
  for make in started stopped; do
    $make c -- 'mkdir /in'
    run coracle cp - c:/in <dots.tar
    [ "$status" = 125 ]
    coracle cp - c:/in <abs.tar
    run coracle cp - c:/in <symlink.tar
    run coracle cp - c:/in <hardlink.tar
    [ "$status" = 125 ]
    run coracle cp - c:/in <hardlink2.tar
    run -0 coracle cp - c:/in <device.tar
    run -125 coracle cp - c:/in <long.tar
    run -125 coracle cp - c:/in <toolong.tar
    run -125 coracle cp - c:/in <deep.tar
    [ "$(ls out)" = secret ]
    [ "$(cat out/secret)" = host ]
    [ ! -e "$BATS_TEST_TMPDIR/../dots" ]
    coracle cp c:/in/after after
    # The absolute one has come to its place in the directory.
    [ "$(coracle cp "c:/in$PWD/out/abs" - | tar xO)" = x ]
    coracle rm -f -t 0 c
  done
}

@test "a container that swaps a directory and a link meanwhile gets nothing of the host, and gives it nothing" {
  mkdir outside
  echo host-secret >outside/file
  echo mine >mine
  chmod -R a+rwX "$BATS_TEST_TMPDIR"
  started c -- "mkdir /real; echo inside >/real/file; mkdir -p /tree/x; echo inside >/tree/x/file
    (while :; do rm -rf /s; ln -s '$PWD/outside' /s; rm -f /s; ln -s ../../../../../../..'$PWD/outside' /s; rm -f /s
      cp -a /real /s; done) &
    (while :; do mv /tree/x /y; ln -s '$PWD/outside' /tree/x; rm /tree/x; mv /y /tree/x; done) &"
  rounds=60
  for i in $(seq $rounds); do
    coracle cp c:/s/file got 2>/dev/null || :
    [ ! -e got ] || [ "$(cat got)" = inside ] || [ ! -s got ]
    coracle cp c:/tree tree 2>/dev/null || :
    ! grep -rqs host-secret tree
    rm -rf got tree
    coracle cp mine c:/s/file 2>/dev/null || :
    coracle cp mine c:/s/new 2>/dev/null || :
    coracle cp h c:/s 2>/dev/null || :
    tar c mine | coracle cp - c:/s 2>/dev/null || :
    coracle cp c:/s - 2>/dev/null >tar || :
    ! grep -q host-secret tar
    [ "$(ls outside)" = file ]
    [ "$(cat outside/file)" = host-secret ]
  done
}

@test "a running container that swaps what is copied for devices, fifos and links does not hang cp" {
  started c -- 'mkdir /t; (while :; do rm -f /t/x; mkfifo /t/x; rm -f /t/x; echo f >/t/x; rm -f /t/x; ln -s /dev/zero /t/x; done) &'
  for i in $(seq 40); do
    timeout 20 "$CORACLE" cp c:/t t 3>&- 2>/dev/null || [ $? != 124 ]
    timeout 20 "$CORACLE" cp c:/t - 3>&- 2>/dev/null >tar || [ $? != 124 ]
    rm -rf t
  done
}

@test "large files arrive whole, with their holes" {
  dd if=/dev/urandom of=big bs=1M count=64 2>/dev/null
  truncate -s 2G sparse
  printf x | dd of=sparse bs=1 seek=1G conv=notrunc 2>/dev/null
  started c -v vol:/data -- ':'
  coracle cp big c:/data/big
  coracle cp c:/data/big big2
  cmp big big2
  coracle cp sparse c:/data/sparse
  coracle cp c:/data/sparse sparse2
  [ "$(stat -c %s sparse2)" = "$(stat -c %s sparse)" ]
  [ "$(stat -c %b sparse2)" -lt 1000 ]
  coracle cp c:/data - | tar x
  cmp big data/big
  [ "$(stat -c %b data/sparse)" -lt 1000 ]
  coracle rm -f -t 0 c
  coracle volume rm vol
}

@test "containers with a map of their own" {
  for driver in fuse-overlayfs copy; do
    drv $driver run --name c --userns keep-id --network none "$BB" sh -c 'echo x >/tmp/x'
    drv $driver cp F c:/tmp/F
    run -0 inside c:/tmp/.
    [ "$output" = "-rw-r--r-- $(id -u)/$(id -g) F
-rw-r--r-- $(id -u)/$(id -g) x" ] || { echo "$driver: $output"; false; }
    drv $driver cp c:/tmp/x x
    [ "$(stat -c %u x)" = "$(id -u)" ]
    coracle rm c
  done
}

@test "a stopped container is free again when cp is killed" {
  stopped c -- ':'
  for i in 1 2 3; do
    (sleep 2 | "$CORACLE" cp - c:/tmp 3>&- & echo $! >pid; wait) &
    sleep 0.3
    kill -KILL "$(cat pid)"
    timeout 5 "$CORACLE" start -a c
  done
  wait
  no_mounts
  store_is_clean
}
