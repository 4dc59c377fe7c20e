#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run: streams, terminal, environment, users, exit codes, signals and limits.

load helpers

setup_file() {
  file_setup busybox:latest configured:latest
}

teardown_file() {
  file_teardown
}

# 100 MB through stdin and stdout, back the same.
pipe_is_unharmed() {
  want=$(head -c 100000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null |
    tee >("$CORACLE" --storage-driver "$1" run -i --rm --network none "$BB" cat 2>/dev/null |
      sha256sum >"$BATS_TEST_TMPDIR/got") | sha256sum)
  wait_for 60 test -s "$BATS_TEST_TMPDIR/got"
  [ "$want" = "$(cat "$BATS_TEST_TMPDIR/got")" ]
}


main_job() {
  pipe_is_unharmed "$1"
  c="coracle --storage-driver $1 run --rm --network none"
  run -0 --separate-stderr $c -e A=b -e 'C=d e' "$BB" sh -c 'echo "$A/$C"; echo err >&2'
  [ "$output" = "b/d e" ]
  [ "$stderr" = err ]
  run -0 $c -u alice "$BB" sh -c 'id -u; id -g; echo $HOME'
  [ "$output" = $'1000\n1000\n/home/alice' ]
  mkdir -p "$CT_HOME/vol"
  run -0 $c -v "$CT_HOME/vol:/v" "$BB" sh -c 'echo written >/v/f; rm -f /bin/setuid; echo x >/etc/new; cat /etc/new'
  [ "$(cat "$CT_HOME/vol/f")" = written ]
  run -3 $c "$BB" sh -c 'exit 3'
  # Pid 1 cannot be killed from inside.
  run -137 $c --init "$BB" sh -c 'kill -9 $$'
  run -127 --separate-stderr $c "$BB" no-such-command
  run -0 script -qec "${c/#coracle/$CORACLE} -t $BB sh -c 'test -t 0 && test -t 1 && tty'" /dev/null
  [[ "$output" == */dev/* ]]
  run -0 $c "$BB" cat /etc/passwd
  [[ "$output" == root:* ]]
}

# bats test_tags=shared
@test "output, input, exit code, and what is left" {
  prints "b/d e" coracle run --rm --network none -e A=b -e 'C=d e' "$BB" sh -c 'echo "$A/$C"'
  run --separate-stderr coracle run --name c --network none "$BB" sh -c 'echo out; echo err >&2; exit 9'
  assert_status 9
  assert_output out
  assert_stderr err
  assert_state c exited 9
  coracle rm c
  prints in bash -c "echo in | '$CORACLE' run --rm -i --network none '$BB' cat"
  prints "" bash -c "echo in | '$CORACLE' run --rm --network none '$BB' cat"
  prints_id coracle run -d --name c --network none "$BB" sleep 1000
  assert_state c running
  assert_inspect c '{{.Id}} {{.Config.Cmd}}' "$id [sleep 1000]"
  prints c coracle rm -f -t 0 c
  prints "" coracle ps -aq
}

# bats test_tags=shared
@test "125 for what is wrong with the command line, 126 and 127 for the command" {
  fails 127 "executable file \`no-such-command\` not found in \$PATH" \
    coracle run --rm --network none "$BB" no-such-command
  run --separate-stderr coracle run --rm --network none "$BB" /etc
  assert_status 126
  assert_output ""
  fails 125 "unknown flag: --frob" coracle run --frob "$BB"
  fails 125 "requires at least 1 arg(s), only received 0" coracle run
  fails 125 "not-there: image not known" coracle run --rm --pull never not-there
  fails 125 "" coracle run --rm --network container:nobody "$BB" true
  prints "" coracle ps -aq
}

# bats test_tags=shared
@test "user, directory, host name, entry point, limits on files" {
  prints $'1000\n1000\n/home/alice\n/tmp' coracle run --rm --network none -u alice -w /tmp "$BB" \
    sh -c 'id -u; id -g; echo $HOME; pwd'
  prints $'4711\n50' coracle run --rm --network none -u 4711:staff "$BB" sh -c 'id -u; id -g'
  prints name coracle run --rm --network none -h name "$BB" hostname
  prints "echo x" coracle run --rm --network none --entrypoint echo "$BB" echo x
  prints "x y" coracle run --rm --network none --entrypoint '["echo","x"]' "$BB" y
  prints default coracle run --rm --network none "$REG/test/configured:latest"
  prints "hello world" coracle run --rm --network none "$REG/test/configured:latest" 'echo $GREETING'
  prints "1.2.3.4	there" coracle run --rm --network none --add-host there:1.2.3.4 "$BB" grep there /etc/hosts
  prints $'100\n200' coracle run --rm --network none --ulimit nofile=100:200 "$BB" sh -c 'ulimit -Sn; ulimit -Hn'
  prints 0027 coracle run --rm --network none --umask 0027 "$BB" sh -c umask
}

# bats test_tags=shared
@test "capabilities, read-only, namespaces, volumes" {
  caps() {
    coracle run --rm --network none "$@" "$BB" awk '/^CapEff/ { print $2 }' /proc/self/status
  }
  prints 00000000800405fb caps
  prints 0000000000000000 caps --cap-drop all
  prints 0000000000000001 caps --cap-drop all --cap-add chown
  prints 0000000000000000 caps -u alice
  run --separate-stderr coracle run --rm --network none --read-only "$BB" touch /x
  assert_status 1
  assert_stderr "touch: /x: Read-only file system"
  prints "" coracle run --rm --network none --read-only "$BB" touch /tmp/x /run/x /dev/shm/x
  prints lo coracle run --rm --network none "$BB" ls /sys/class/net
  prints 1 coracle run --rm --network none "$BB" sh -c 'echo $$'
  mkdir -p "$CT_HOME/shared"
  prints "" coracle run --rm --network none -v "$CT_HOME/shared:/v" "$BB" sh -c 'echo written >/v/f'
  assert_equal "$(cat "$CT_HOME/shared/f")" written
  prints written coracle run --rm --network none -v "$CT_HOME/shared:/v:ro" "$BB" cat /v/f
  run --separate-stderr coracle run --rm --network none -v "$CT_HOME/shared:/v:ro" "$BB" touch /v/g
  assert_status 1
  fails 125 "$CT_HOME/nothing" coracle run --rm --network none -v "$CT_HOME/nothing:/v" "$BB" true
}

@test "pipes of 100 MB, env, users, volumes, exit codes, tty: overlay" {
  main_job overlay
}

@test "pipes of 100 MB, env, users, volumes, exit codes, tty: fuse-overlayfs" {
  need_command fuse-overlayfs
  main_job fuse-overlayfs
}

@test "pipes of 100 MB, env, users, volumes, exit codes, tty: copy" {
  main_job copy
}

@test "the drivers are what they say" {
  run -0 coracle --storage-driver overlay run --rm --network none "$BB" sh -c "grep ' / / ' /proc/self/mountinfo"
  [[ "$output" == *" - overlay "* ]]
  run -0 coracle --storage-driver fuse-overlayfs run --rm --network none "$BB" sh -c "grep ' / ' /proc/self/mountinfo"
  [[ "$output" == *fuse* ]]
  run -0 coracle --storage-driver copy run --rm --network none "$BB" sh -c "grep ' / ' /proc/self/mountinfo"
  [[ "$output" != *overlay* ]]
  run --separate-stderr coracle --storage-driver nonsense run --rm --network none "$BB" true
  failed_usage "" 'invalid argument "nonsense" for "--storage-driver" flag'
}

@test "exit codes 125, 126, 127, 128+n" {
  run -0 bb true
  run -1 bb false
  run -42 bb sh -c 'exit 42'
  for pair in KILL:137 TERM:143 INT:130 SEGV:139; do
    run -"${pair#*:}" coracle run --rm --init --network none "$BB" sh -c "kill -${pair%:*} \$\$"
  done
  run --separate-stderr bb /no/such/command
  failed_with 127 "/no/such/command"
  run --separate-stderr bb nothing-in-path
  failed_with 127 'not found in $PATH'
  run --separate-stderr bb /etc/passwd
  failed_with 126 "permission denied"
  run --separate-stderr bb /etc
  [ "$status" = 126 ]
  run --separate-stderr coracle run --rm -w /etc/passwd --network none "$BB" true
  failed_with 125 "working directory /etc/passwd"
  [ -z "$(coracle ps -aq)" ]
}

@test "closed stdin ends a reader; -i is needed to get anything" {
  run -0 sh -c "echo hello | '$CORACLE' run --rm --network none $BB cat"
  [ -z "$output" ]
  run -0 sh -c "echo hello | '$CORACLE' run -i --rm --network none $BB cat"
  [ "$output" = hello ]
}

@test "a container whose output is closed early does not hang" {
  run -0 timeout 20 sh -c "'$CORACLE' run --rm --network none $BB sh -c 'yes | head -n 1000000' | head -n 1"
  [ "$output" = y ]
}

@test "a terminal: size, resize, raw mode and restore" {
  cat >"$CT_HOME/tty.exp" <<END
set timeout 20
spawn sh
expect "\\$ "
send "stty rows 33 cols 101; stty -g >$CT_HOME/before\r"
expect "\\$ "
send "'$CORACLE' run -it --rm --network none $BB sh\r"
expect "/ # "
send "stty size; echo S'I'ZE\r"
expect -re "33 101.*SIZE" {} timeout { exit 3 }
expect "/ # "
send "echo \\\$TERM; echo T'E'RM\r"
expect -re "xterm.*TERM" {} timeout { exit 4 }
stty rows 44 columns 55 < \$spawn_out(slave,name)
expect "/ # "
send "sleep 1; stty size; echo S'E'COND\r"
expect -re "44 55.*SECOND" {} timeout { exit 5 }
expect "/ # "
send "sleep 100\r"
after 500
send "\003"
expect "/ # " {} timeout { exit 6 }
send "exit 7\r"
expect "\\$ "
send "echo code=\\\$?; stty -g >$CT_HOME/after; echo E'N'D\r"
expect -re "code=7.*END" {} timeout { exit 8 }
END
  run -0 expect "$CT_HOME/tty.exp"
  [ "$(cut -d: -f1-4 "$CT_HOME/before")" = "$(cut -d: -f1-4 "$CT_HOME/after")" ]
}

@test "detach keys leave the container running" {
  cat >"$CT_HOME/detach.exp" <<END
set timeout 20
spawn "$CORACLE" run -it --name detached --network none --detach-keys ctrl-x,d $BB sh
expect "/ # "
send "\030d"
expect eof
catch wait result
exit [lindex \$result 3]
END
  run -0 expect "$CT_HOME/detach.exp"
  run -0 coracle inspect --format '{{.State.Status}}' detached
  [ "$output" = running ]
  coracle rm -f -t 0 detached
}

@test "signals are proxied, not with --sig-proxy=false" {
  "$CORACLE" run --rm --name sig --network none "$BB" sh -c \
    'trap "echo got; exit 9" TERM; echo ready; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/out" 3>&- &
  pid=$!
  wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/out"
  kill -TERM $pid
  code=0
  wait $pid || code=$?
  [ "$code" = 9 ]
  grep -q got "$BATS_TEST_TMPDIR/out"
}

@test "environment: -e, -e NAME, --env-file, image, defaults" {
  printf '# comment\nFROM_FILE=1 2\nFROM_CLIENT\n\n' >"$BATS_TEST_TMPDIR/env"
  export FROM_CLIENT=client PASSED=through
  run -0 coracle run --rm --network none --env-file "$BATS_TEST_TMPDIR/env" -e PASSED -e NOT_SET_ANYWHERE \
    -e EMPTY= "$BB" sh -c 'echo "$FROM_FILE|$FROM_CLIENT|$PASSED|${NOT_SET_ANYWHERE-unset}|${EMPTY-unset}|$HOME|$container|$PATH"'
  [[ "$output" == "1 2|client|through|unset||/root|"*"|/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" ]]
  run -0 coracle run --rm --network none "$REG/test/configured" 'echo $GREETING; id -un; pwd'
  [ "$output" = $'hello world\nalice\n/home/alice' ]
  run -0 coracle run --rm --network none "$REG/test/configured"
  [ "$output" = default ]
  run -0 coracle run --rm --network none --entrypoint echo "$REG/test/configured" other
  [ "$output" = other ]
  run -0 coracle run --rm --network none --entrypoint '["echo","a"]' "$REG/test/configured" b
  [ "$output" = "a b" ]
}

@test "arguments and variables are bytes, UTF-8 or not, at every start" {
  latin=$(printf 'caf\351')
  coracle create --name c --network none -e "DRINK=$latin" --label "drink=$latin" "$BB" \
    sh -c 'printf "%s %s\n" "$0" "$DRINK"' "$latin" >/dev/null
  for i in 1 2; do
    [ "$(coracle start -a c | od -An -c | tr -s ' ')" = "$(printf '%s %s\n' "$latin" "$latin" | od -An -c | tr -s ' ')" ]
  done
  run -0 coracle inspect --format '{{json .Config.Labels}}' c
  [ "$output" = '{"drink":"caf\ufffd"}' ]
  run -0 coracle rm c
}

@test "users: name, id, group, --group-add, unknown id gets an entry" {
  run -0 coracle run --rm --network none -u alice "$BB" id -G
  [ "$output" = "1000 50" ]
  run -0 coracle run --rm --network none -u 1234 "$BB" sh -c 'id -u; id -g; grep ":1234:" /etc/passwd | cut -d: -f1,3'
  [[ "$output" == $'1234\n0\n'*:1234 ]]
  run -0 coracle run --rm --network none -u 1234:55 "$BB" sh -c 'id -u; id -g'
  [ "$output" = $'1234\n55' ]
  run -0 coracle run --rm --network none -u alice:staff --group-add 77 "$BB" id -G
  [[ " $output " == *" 77 "* ]]
  run --separate-stderr coracle run --rm --network none -u no-such-user "$BB" true
  failed_with 125 "no-such-user"
}

@test "hostname, hosts, resolv.conf, workdir, add-host, dns" {
  run -0 coracle run --rm -h box --network none "$BB" sh -c 'hostname; cat /etc/hostname; grep -c localhost /etc/hosts'
  [[ "$output" == $'box\nbox\n'* ]]
  run -0 coracle run --rm --network none -w /var/made "$BB" pwd
  [ "$output" = /var/made ]
  run -0 coracle run --rm --add-host there:192.0.2.7 --dns 192.0.2.53 --dns-search example.org "$BB" \
    sh -c 'grep there /etc/hosts; cat /etc/resolv.conf'
  [[ "$output" == *192.0.2.7*there* ]]
  [[ "$output" == *"nameserver 192.0.2.53"* ]]
  [[ "$output" == *"search example.org"* ]]
  run -0 coracle run --rm --no-hosts --network none "$BB" sh -c 'test ! -s /etc/hosts || echo there'
}

@test "capabilities, no-new-privileges, seccomp, masked paths" {
  run -0 bb grep CapEff /proc/self/status
  default=$output
  run -0 coracle run --rm --network none --cap-drop all "$BB" grep CapEff /proc/self/status
  [[ "$output" == *0000000000000000 ]]
  run -0 coracle run --rm --network none --cap-drop all --cap-add net_raw "$BB" grep CapEff /proc/self/status
  [[ "$output" == *0000000000002000 ]]
  run -0 coracle run --rm --network none --cap-add sys_admin "$BB" grep CapEff /proc/self/status
  [ "$output" != "$default" ]
  run -0 bb grep Seccomp: /proc/self/status
  [[ "$output" == *2 ]]
  run -0 coracle run --rm --network none --security-opt seccomp=unconfined "$BB" grep Seccomp: /proc/self/status
  [[ "$output" == *0 ]]
  run -0 coracle run --rm --network none --security-opt no-new-privileges "$BB" grep NoNewPrivs /proc/self/status
  [[ "$output" == *1 ]]
  echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}' \
    >"$BATS_TEST_TMPDIR/seccomp.json"
  run -1 coracle run --rm --network none --security-opt "seccomp=$BATS_TEST_TMPDIR/seccomp.json" "$BB" mkdir /x
  run -0 bb sh -c 'cat /proc/kcore 2>/dev/null | wc -c'
  [[ "$output" == *0 ]]
  run -1 bb sh -c 'echo x >/proc/sys/kernel/domainname'
  run -0 bb sh -c 'ls /proc/acpi /sys/firmware 2>/dev/null | grep -v : | wc -l'
}

@test "namespaces are the container's own" {
  run -0 bb sh -c 'for ns in pid mnt uts ipc net user; do readlink /proc/self/ns/$ns; done'
  for ns in pid mnt uts ipc net user; do
    [[ "$output" != *"$(readlink /proc/self/ns/$ns)"* ]]
  done
  run -0 bb sh -c 'echo $$; ls /proc | grep -c "^[0-9]"'
  [[ "$output" == 1$'\n'* ]]
}

@test "--init reaps and passes signals on" {
  run -0 coracle run --rm --init --network none "$BB" sh -c 'cat /proc/1/comm; echo $$'
  [[ "$output" != 1* ]]
  run -5 coracle run --rm --init --network none "$BB" sh -c 'exit 5'
}

@test "tmpfs, shm, mqueue, read-only, ulimit, umask, timezone" {
  run -0 coracle run --rm --network none --tmpfs /t:size=1m,mode=1777 --shm-size 2m "$BB" \
    sh -c 'grep -E " /(t|dev/shm|dev/mqueue) " /proc/mounts'
  [[ "$output" == *"size=1024k"* && "$output" == *"size=2048k"* && "$output" == *mqueue* ]]
  run -1 coracle run --rm --read-only --network none "$BB" touch /x
  run -0 coracle run --rm --read-only --network none "$BB" touch /tmp/x
  run -0 coracle run --rm --network none --ulimit nofile=123:456 "$BB" sh -c 'ulimit -n; ulimit -Hn'
  [ "$output" = $'123\n456' ]
  run -0 coracle run --rm --network none --umask 0077 "$BB" sh -c umask
  [ "$output" = 0077 ]
}

@test "--cidfile, --pidfile, --label, --annotation, --name in use" {
  rm -f "$CT_HOME/cid" "$CT_HOME/pid"
  coracle run -d --name named --cidfile "$CT_HOME/cid" --pidfile "$CT_HOME/pid" --label a=b \
    --annotation c=d --network none "$BB" sleep 100
  [ "$(coracle inspect --format '{{.Id}}' named)" = "$(cat "$CT_HOME/cid")" ]
  [ "$(coracle inspect --format '{{.State.Pid}}' named)" = "$(cat "$CT_HOME/pid")" ]
  [ "$(coracle inspect named | jq -r '.[0].Config.Labels.a')" = b ]
  run --separate-stderr coracle run --name named --network none "$BB" true
  failed_with 125 'the container name "named" is already in use'
  run --separate-stderr coracle run --cidfile "$CT_HOME/cid" --network none "$BB" true
  [ "$status" = 125 ]
  coracle rm -f -t 0 named
}

@test "--device and --privileged" {
  run -0 coracle run --rm --network none --device /dev/net/tun "$BB" sh -c 'test -c /dev/net/tun && echo ok'
  [ "$output" = ok ]
  run -0 coracle run --rm --network none --privileged "$BB" grep CapEff /proc/self/status
  [[ "$output" == *ff ]]
}

@test "wrong usage: podman's words and code" {
  run --separate-stderr coracle run --no-such-flag "$BB" true
  failed_usage run "unknown flag: --no-such-flag"
  run --separate-stderr coracle run -Q "$BB" true
  failed_usage run "unknown shorthand flag: 'Q' in -Q"
  run --separate-stderr coracle run --name
  failed_usage run "flag needs an argument: --name"
  run --separate-stderr coracle run --tty=maybe "$BB" true
  failed_usage run 'invalid argument "maybe" for '
  run --separate-stderr coracle volume create --nope
  failed_usage "volume create" "unknown flag: --nope"
  run --separate-stderr coracle --nope ps
  failed_usage "" "unknown flag: --nope"
  run --separate-stderr coracle run
  failed_with 125 "requires at least 1 arg(s), only received 0"
  run --separate-stderr coracle pull
  failed_with 125 "requires at least 1 arg(s), only received 0"
  run --separate-stderr coracle version extra
  failed_with 125 '`coracle version` takes no arguments'
  run --separate-stderr coracle volume create a b
  failed_with 125 "accepts at most 1 arg(s), received 2"
  run -125 --separate-stderr coracle image nosuch
  [ "$stderr" = $'Error: unrecognized command `coracle image nosuch`\nTry \'coracle image --help\' for more information' ]
  run --separate-stderr coracle image
  failed_with 125 "missing command 'coracle image COMMAND'"
  run --separate-stderr coracle
  failed_with 125 "missing command 'coracle COMMAND'"
}

@test "help for every verb fits 80 columns" {
  for verb in pull import images rmi run create start ps rm inspect logs stop kill volume info version \
    unshare login logout system; do
    run -0 coracle $verb --help
    [ -n "$output" ]
    [ "$(printf '%s\n' "$output" | awk 'length > 80' | wc -l)" = 0 ]
  done
  run -0 coracle --help
  run -0 coracle --version
}
