#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: one more process in a running container.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

setup() {
  coracle run -d --name c --network none "$BB" sleep 1000 >/dev/null 3>&-
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# The id of a container's run directory.
run_dir() {
  echo "$XDG_RUNTIME_DIR/coracle/containers/$(coracle inspect --format '{{.Id}}' "$1")"
}

exec_ids() {
  coracle inspect --format '{{range .ExecIDs}}{{.}} {{end}}' "$1"
}

has_no_session() {
  [ -z "$(exec_ids "$1")" ]
}

# bats test_tags=shared
@test "output, input, exit code, user, directory, environment" {
  prints hello coracle exec c echo hello
  run --separate-stderr coracle exec c sh -c 'echo out; echo err >&2; exit 7'
  assert_status 7
  assert_output out
  assert_stderr err
  run --separate-stderr coracle container exec c sh -c 'kill -9 $$'
  assert_status 137
  prints in bash -c "echo in | '$CORACLE' exec -i c cat"
  prints "" bash -c "echo in | '$CORACLE' exec c cat"
  prints $'1000\n1000\n/home/alice\n/tmp\n1' coracle exec -u alice -w /tmp -e A=1 c \
    sh -c 'id -u; id -g; echo $HOME; pwd; echo $A'
  prints $'4711\n0' coracle exec -u 4711 c sh -c 'id -u; id -g'
  prints "-d -it" coracle exec --latest echo -d -it
  prints "[]" coracle inspect --format '{{.ExecIDs}}' c
  assert_state c running
}

# bats test_tags=shared
@test "a detached session" {
  prints_id coracle exec -d c sh -c 'echo done >/done; exec sleep 1000'
  wait_for 10 sh -c "'$CORACLE' exec c cat /done"
  prints "[$id]" coracle inspect --format '{{.ExecIDs}}' c
}

# bats test_tags=shared
@test "what cannot be run" {
  fails 127 "executable file \`no-such-command\` not found in \$PATH" coracle exec c no-such-command
  run --separate-stderr coracle exec c /etc
  assert_status 126
  assert_output ""
  fails 127 "No such file or directory" coracle exec -w /nowhere c true
  fails 255 "unable to find user nobody-here: no matching entries in passwd file" coracle exec -u nobody-here c true
  fails 125 'no container with name or ID "nobody" found: no such container' coracle exec nobody true
  fails 125 "exec requires the name or ID of a container or the --latest flag" coracle exec
  fails 255 "must provide a non-empty command to start an exec session" coracle exec c
  prints_id coracle create --name d --network none "$BB" true
  fails 255 "can only create exec sessions on running containers: container state improper" coracle exec d true
}

@test "output, input and exit code are the command's" {
  run -0 coracle exec c echo hello
  [ "$output" = hello ]
  run -7 --separate-stderr coracle exec c sh -c 'echo out; echo err >&2; exit 7'
  [ "$output" = out ]
  [ "$stderr" = err ]
  run -137 coracle exec c sh -c 'kill -9 $$'
  [ "$(echo in | coracle exec -i c cat)" = in ]
  # Without -i there is no input.
  [ -z "$(echo in | coracle exec c cat)" ]
  run -0 coracle container exec c readlink /proc/self/fd/0
  [ "$output" = /dev/null ]
  has_no_session c
}

@test "what cannot be run has podman's exit codes and one line of error" {
  run -127 --separate-stderr coracle exec c no-such-command
  failed_with 127 "executable file \`no-such-command\` not found in \$PATH"
  run -127 --separate-stderr coracle exec c /no/such
  failed_with 127 "not found"
  run --separate-stderr coracle exec c /etc
  failed_with 126 "permission denied"
  run -127 --separate-stderr coracle exec -w /nowhere c true
  failed_with 127 "working directory /nowhere"
  run --separate-stderr coracle exec -d c no-such-command
  failed_with 125 "not found"
  [ -z "$output" ]
  run --separate-stderr coracle exec nobody true
  failed_with 125 "no such container"
  run --separate-stderr coracle exec
  failed_with 125 "exec requires the name or ID of a container or the --latest flag"
  run --separate-stderr coracle exec c
  failed_with 255 "must provide a non-empty command to start an exec session"
  run --separate-stderr coracle exec -u nobody-here c true
  failed_with 255 "unable to find user nobody-here: no matching entries in passwd file"
  run --separate-stderr coracle exec --detach-keys ctrl-xx c true
  failed_with 125 "detach keys"
  run --separate-stderr coracle exec --preserve-fds 61 c true 3>&-
  failed_with 125 "preserve-fds"
  coracle create --name d --network none "$BB" true
  run --separate-stderr coracle exec d true
  failed_with 255 "can only create exec sessions on running containers: container state improper"
  has_no_session c
}

@test "a flag behind the container's name is the command's" {
  run -0 coracle exec c echo -d -it
  [ "$output" = "-d -it" ]
  run -0 coracle exec -l echo latest
  [ "$output" = latest ]
  coracle inspect --format '{{.Id}}' c >"$CT_HOME/cid"
  run -0 coracle exec --cidfile "$CT_HOME/cid" echo -l
  [ "$output" = -l ]
}

@test "environment, user and working directory" {
  coracle rm -f -t 0 c
  coracle run -d --name c --network none -e A=1 -e B=2 -w /etc --group-add 44 "$BB" sleep 1000
  printf 'C=file\nB=file\n' >"$CT_HOME/env"
  run -0 env GIVEN=yes "$CORACLE" exec -e B=3 -e GIVEN --env-file "$CT_HOME/env" c \
    sh -c 'echo $A $B $C $GIVEN $HOME $PWD'
  [ "$output" = "1 3 file yes /root /etc" ]
  run -0 coracle exec -w /tmp c pwd
  [ "$output" = /tmp ]
  # As the container's own files have it at that time.
  coracle exec c sh -c 'echo "joe:x:1000:1000::/home/joe:/bin/sh" >>/etc/passwd
    echo "wheel:x:10:joe" >>/etc/group'
  run -0 coracle exec -u joe c sh -c 'id -u; id -g; id -G; echo $HOME'
  [ "$output" = $'1000\n1000\n1000 10 44\n/home/joe' ]
  run -0 coracle exec -u joe:wheel c sh -c 'id -u; id -g'
  [ "$output" = $'1000\n10' ]
  run -0 coracle exec -u 4711 c sh -c 'id -u; id -g; echo $HOME'
  [ "$output" = $'4711\n0\n/' ]
  run -0 coracle exec -u joe -e HOME=/x c sh -c 'echo $HOME'
  [ "$output" = /x ]
  # A home that the container was given is for every user.
  coracle run -d --name home --network none -e HOME=/given "$BB" sleep 1000
  run -0 coracle exec -u 4711 home sh -c 'echo $HOME'
  [ "$output" = /given ]
}

@test "it is what the container is: namespaces, privileges, limits" {
  coracle rm -f -t 0 c
  coracle run -d --name c --network none --ulimit nofile=123:456 --security-opt no-new-privileges \
    --umask 0027 --cap-drop chown "$BB" sleep 1000
  what='for n in cgroup ipc mnt net pid user uts; do readlink /proc/$P/ns/$n; done
    grep -E "^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups|Umask)" /proc/$P/status
    grep "open files" /proc/$P/limits; grep 0:: /proc/$P/cgroup; cat /proc/$P/oom_score_adj'
  inside=$(coracle exec c sh -c "P=self; $what")
  [ "$inside" = "$(coracle exec c sh -c "P=1; $what")" ]
  [[ "$inside" == *"NoNewPrivs:"*1*"Seccomp:"*2*"123"*"456"* ]]
  # Its own session and process group, in the pid namespace.
  run -0 coracle exec c sh -c 'set -- $(cat /proc/self/stat); echo $5 $6; echo $$'
  [[ "$output" =~ ^([0-9]+)\ [0-9]+$'\n'([0-9]+)$ ]]
}

@test "capabilities follow the user; --privileged has all, behind the same filter" {
  caps() {
    coracle exec "$@" c grep -E 'CapEff|CapBnd|Seccomp:' /proc/self/status | tr -s '\t\n' ' '
  }
  coracle exec c sh -c 'echo "joe:x:1000:1000::/:/bin/sh" >>/etc/passwd'
  [ "$(caps)" = "CapEff: 00000000800405fb CapBnd: 00000000800405fb Seccomp: 2 " ]
  [ "$(caps -u joe)" = "CapEff: 0000000000000000 CapBnd: 00000000800405fb Seccomp: 2 " ]
  [ "$(caps --privileged)" = "CapEff: 000001ffffffffff CapBnd: 000001ffffffffff Seccomp: 2 " ]
  [ "$(caps --privileged -u joe)" = "CapEff: 0000000000000000 CapBnd: 000001ffffffffff Seccomp: 2 " ]
}

@test "files of the container cannot lead exec out of it" {
  # What is in place of passwd: a host's path, a loop, something that never ends, nothing.
  echo "host:x:4711:4711::/:/bin/sh" >"$CT_HOME/passwd"
  coracle exec c ln -sf "$CT_HOME/passwd" /etc/passwd
  run --separate-stderr coracle exec -u host c true
  failed_with 255 "unable to find user host"
  coracle exec c sh -c 'rm /etc/passwd; ln -s ../../../../../../..'"$CT_HOME/passwd"' /etc/passwd'
  run --separate-stderr coracle exec -u host c true
  failed_with 255 "unable to find user host"
  coracle exec c sh -c 'rm /etc/passwd; ln -s passwd /etc/passwd'
  run -0 coracle exec -u 17 c awk '/^Uid/ { print $2 }' /proc/self/status
  [ "$output" = 17 ]
  coracle exec c sh -c 'rm /etc/passwd; mkfifo /etc/passwd'
  run -0 timeout 10 "$CORACLE" exec -u 17 c awk '/^Uid/ { print $2 }' /proc/self/status
  [ "$output" = 17 ]
  coracle exec c sh -c 'rm /etc/passwd; ln -s /dev/zero /etc/passwd'
  run -0 timeout 10 "$CORACLE" exec -u 17 c awk '/^Uid/ { print $2 }' /proc/self/status
  [ "$output" = 17 ]
  # Descriptors of ours are not there to be walked along.
  for fd in $(seq 3 12); do
    coracle exec c ln -sf "/proc/self/fd/$fd" "/way$fd"
    run coracle exec -w "/way$fd" c pwd
    [ "$status" = 127 ] || [ "$status" = 126 ]
    run coracle exec -w "/proc/self/fd/$fd" c pwd
    [ "$status" = 127 ] || [ "$status" = 126 ]
  done
  run -0 coracle exec c sh -c 'ls /proc/$$/fd; true'
  [ "$output" = $'0\n1\n2' ] || { echo "$output"; return 1; }
}

@test "a container that is made to execute our program cannot write to its file" {
  # As a person has it who installed it at home; the suite's own may be root's.
  mkdir -p "$CT_HOME/own/cmd"
  for program in coracle coracle-keeper coracle-seccomp; do
    mkdir -p "$CT_HOME/own/cmd/$program"
    cp "${CORACLE%/*}/../$program/$program" "$CT_HOME/own/cmd/$program/"
  done
  own=$CT_HOME/own/cmd/coracle/coracle
  before=$(sha256sum <"$own")
  "$own" run -d --name evil --network none "$BB" sh -c 'ln -s /proc/self/exe /tmp/sh; echo ready
    while :; do for p in /proc/[0-9]*; do
      case $(readlink $p/exe) in *coracle*)
        {
          echo caught
          while :; do cp /bin/busybox /proc/self/fd/5 2>/dev/null && echo written && exit; sleep 0.05; done
        } 5<$p/exe
      esac
    done; done' 3>&-
  wait_for 5 sh -c "'$CORACLE' logs evil | grep -q ready"
  for i in $(seq 50); do
    "$own" exec evil /tmp/sh --help >/dev/null
    ! coracle logs evil | grep -q caught || break
  done
  [[ "$(coracle logs evil)" == *caught* ]]
  # While the monitor runs, the kernel would refuse to write to what it executes.
  kill -KILL "$(jq -r .monitor.pid "$(run_dir evil)/state.json")"
  sleep 0.5
  [ "$(sha256sum <"$own")" = "$before" ]
  rm -rf "$CT_HOME/own"
}

@test "--preserve-fds hands on what is open" {
  echo three >"$CT_HOME/three"
  # 3 is bats' own; what is given stands in its place.
  run -0 bash -c "'$CORACLE' exec --preserve-fds 2 c sh -c 'cat <&3; echo four >&4; ls /proc/\$\$/fd | tr \"\\n\" \" \"' \
    3<'$CT_HOME/three' 4>'$CT_HOME/four'"
  [ "$output" = $'three\n0 1 2 3 4 ' ]
  [ "$(cat "$CT_HOME/four")" = four ]
  run --separate-stderr bash -c "'$CORACLE' exec --preserve-fds 3 c true 3<&- 4<&- 5<&-"
  failed_with 125 "file descriptor 3 is not available"
}

@test "a hundred megabytes in and out unharmed" {
  head -c 100000000 /dev/urandom >"$CT_HOME/blob"
  sum=$(md5sum <"$CT_HOME/blob")
  [ "$(coracle exec -i c md5sum <"$CT_HOME/blob")" = "$sum" ]
  [ "$(coracle exec -i c cat <"$CT_HOME/blob" | md5sum)" = "$sum" ]
  rm "$CT_HOME/blob"
}

@test "a slow reader slows the command down, and memory stays bounded" {
  mkfifo "$CT_HOME/slow"
  sh -c 'sleep 1.5; md5sum' <"$CT_HOME/slow" >"$CT_HOME/sum" 3>&- &
  reader=$!
  "$CORACLE" exec c sh -c 'yes 0123456789 | head -c 100000000' >"$CT_HOME/slow" 3>&- &
  client=$!
  sleep 1
  session=$(jq -r .monitor.pid "$(run_dir c)"/execs/*/session.json)
  has_memory_below 8000 $client $session
  wait $client
  wait $reader
  [ "$(cat "$CT_HOME/sum")" = "$(yes 0123456789 | head -c 100000000 | md5sum)" ]
  rm "$CT_HOME/slow"
}

@test "what a command leaves behind does not hold exec up" {
  start=$(date +%s%N)
  run -0 coracle exec c sh -c 'yes >/dev/full 2>&1 & (while echo more; do :; done) & sleep 1000 & echo done'
  [[ "$output" == *done* ]]
  run -0 coracle exec c sh -c 'sleep 1000 & echo done'
  [ "$output" = done ]
  [ $((($(date +%s%N) - start) / 1000000)) -lt 5000 ]
  has_no_session c
}

@test "detached sessions are listed, and their end is recorded" {
  id=$(coracle exec -d c sh -c 'while [ ! -e /go ]; do sleep 0.05; done; echo lost; exit 9')
  [[ "$id" =~ ^[0-9a-f]{64}$ ]]
  other=$(coracle exec -d -t c sleep 1000)
  run -0 coracle inspect --format '{{json .ExecIDs}}' c
  [ "$output" = "[\"$id\",\"$other\"]" ]
  session=$(run_dir c)/execs/$id
  [ -S "$session/attach.sock" ]
  [ "$(jq -r '.command[0]' "$session/session.json")" = sh ]
  coracle exec c touch /go
  wait_for 10 sh -c "[ ! -e '$session/attach.sock' ]"
  wait_for 10 jq -e '.exitCode == 9 and .finished > .started' "$session/session.json"
  [ "$(exec_ids c)" = "$other " ]
  # Sessions go with the container.
  dir=$(run_dir c)
  coracle stop -t 0 c
  [ ! -e "$dir" ]
  has_no_session c
  no_container_processes
}

@test "the command outlives the client that is killed" {
  "$CORACLE" exec c sh -c 'echo ready; sleep 1; echo alive >/proof; sleep 1000' >"$CT_HOME/out" 3>&- &
  wait_for 5 grep -q ready "$CT_HOME/out"
  kill -9 $!
  wait $! || :
  wait_for 5 coracle exec c test -s /proof
  [ -n "$(exec_ids c)" ]
}

@test "a session whose monitor is killed is no session any more" {
  id=$(coracle exec -d c sleep 4711)
  monitor=$(jq -r .monitor.pid "$(run_dir c)/execs/$id/session.json")
  kill -9 "$monitor"
  wait_for 5 has_no_session c
  run -1 coracle exec c sh -c 'ps | grep "[s]leep 4711"'
  run -0 coracle exec c echo still
  [ "$output" = still ]
  [ ! -e "$(run_dir c)/execs/$id" ]
}

@test "a container that ends takes exec with it: 137" {
  "$CORACLE" exec c sh -c 'echo ready; sleep 1000' >"$CT_HOME/out" 2>"$CT_HOME/err" 3>&- &
  wait_for 5 grep -q ready "$CT_HOME/out"
  coracle stop -t 0 c
  status=0
  wait $! || status=$?
  [ "$status" = 137 ]
  [ ! -s "$CT_HOME/err" ]
  # The same for one that is removed.
  coracle start c
  "$CORACLE" exec c sh -c 'echo again; sleep 1000' >"$CT_HOME/out" 2>"$CT_HOME/err" 3>&- &
  wait_for 5 grep -q again "$CT_HOME/out"
  coracle rm -f -t 0 c
  status=0
  wait $! || status=$?
  [ "$status" = 137 ]
}

@test "many at once, while the container ends" {
  seq 60 | xargs -P 8 -I{} sh -c "'$CORACLE' exec c sh -c 'echo {}; exit 0' || echo failed" \
    >"$CT_HOME/all" 2>&1 3>&-
  [ "$(sort -n "$CT_HOME/all")" = "$(seq 60)" ]
  has_no_session c
  [ -z "$(ls "$(run_dir c)/execs")" ]
  # Whatever the moment: it has worked, or says that the container does not run.
  (sleep 0.3; coracle stop -t 0 c) >/dev/null 2>&1 3>&- &
  seq 400 | xargs -P 8 -I{} sh -c "'$CORACLE' exec c true; echo code \$?" >"$CT_HOME/all" 2>&1 3>&-
  wait $!
  run grep -vE '^code (0|137|255)$|^Error: (can only create exec sessions|the container has ended)' "$CT_HOME/all"
  [ -z "$output" ] || { echo "$output"; return 1; }
  grep -q '^code 255' "$CT_HOME/all"
  no_container_processes
  run -0 coracle ps -q
  [ -z "$output" ]
  store_is_clean
}

@test "a container with a user namespace of its own" {
  [ "$(grep -c . /proc/self/uid_map)" -gt 0 ]
  coracle run -d --name k --network none --userns keep-id "$BB" sleep 1000
  run -0 coracle exec k id -u
  [ "$output" = "$(id -u)" ]
  run -0 coracle exec -u 0 k sh -c 'id -u; readlink /proc/self/ns/user'
  [ "${lines[0]}" = 0 ]
  [ "${lines[1]}" = "$(coracle exec k readlink /proc/self/ns/user)" ]
  run -0 script -qec "'$CORACLE' exec -it k tty" /dev/null
  [[ "$output" == *"/dev/pts/"* ]]
}

# ---- through a real terminal ----

# expect_script TEXT: runs an expect script that begins with a shell in a terminal of 33 x 101.
expect_script() {
  cat >"$CT_HOME/script.exp" <<END
set timeout 15
spawn sh
expect "\\$ "
send "stty rows 33 cols 101; PS1='host> '; stty -g >$CT_HOME/before\r"
expect "host> "
$1
send "stty -g >$CT_HOME/after; exit\r"
expect eof
END
  run -0 expect "$CT_HOME/script.exp"
  cmp "$CT_HOME/before" "$CT_HOME/after"
}

@test "terminal: size, resize, ^C, exit code, and the mode is restored" {
  need_command expect
  expect_script "
send \"$CORACLE exec -it c sh\r\"
expect \"/ # \"
send \"stty size; tty; echo T\\\$TERM\r\"
expect -re {33 101.*/dev/pts/.*Txterm} {} timeout { exit 3 }
stty rows 44 columns 55 < \$spawn_out(slave,name)
send \"sleep 0.5; stty size\r\"
expect \"44 55\" {} timeout { exit 4 }
send \"sleep 1000\r\"
sleep 0.5
send \"\x03\"
expect \"/ # \" {} timeout { exit 5 }
send \"echo st\\\$?ill\r\"
expect \"st130ill\" {} timeout { exit 6 }
send \"exit 5\r\"
expect \"host> \" {} timeout { exit 7 }
send \"echo code=\\\$?\r\"
expect \"code=5\" {} timeout { exit 8 }
expect \"host> \"
"
  has_no_session c
}

@test "terminal: detached with the keys, the command goes on" {
  need_command expect
  expect_script "
send \"$CORACLE exec -it c sh -c 'echo rea''dy; sleep 1000'\r\"
expect \"ready\" {} timeout { exit 3 }
send \"\x10\x11\"
expect \"host> \" {} timeout { exit 4 }
send \"echo code=\\\$?\r\"
expect \"code=0\" {} timeout { exit 5 }
expect \"host> \"
send \"$CORACLE exec -it --detach-keys a,b c cat\r\"
sleep 0.5
send \"\x10\x11ax\r\"
expect \"ax\" {} timeout { exit 6 }
send \"ab\"
expect \"host> \" {} timeout { exit 7 }
"
  [ "$(exec_ids c | wc -w)" = 2 ]
  coracle exec c sh -c 'ps | grep "[s]leep 1000"'
}

@test "terminal: without -t a ^C ends the client, and the command goes on" {
  need_command expect
  expect_script "
send \"$CORACLE exec c sh -c 'echo rea''dy; sleep 4712'\r\"
expect \"ready\" {} timeout { exit 3 }
send \"\x03\"
expect \"host> \" {} timeout { exit 4 }
send \"echo code=\\\$?\r\"
expect \"code=130\" {} timeout { exit 5 }
expect \"host> \"
"
  coracle exec c sh -c 'ps | grep "[s]leep 4712"'
}

@test "terminal: a hundred megabytes, the last byte too" {
  need_command expect
  count=12500000
  coracle exec c sh -c "seq $count >/numbers"
  run -0 timeout 120 script -qec "'$CORACLE' exec -t c cat /numbers" "$CT_HOME/typescript"
  # The terminal makes CR LF of each line end; script adds lines of its own.
  sed -e '/^Script /d' -e 's/\r*$//' "$CT_HOME/typescript" | head -n $count | cmp - <(seq $count)
  rm "$CT_HOME/typescript"
}
