#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The user namespace: mapping, fallbacks, root, nesting.

load helpers

setup_file() {
  file_setup busybox:latest layers:oci
}

teardown_file() {
  file_teardown
}

@test "unshare: root inside, our files are ours, ids of the ranges usable" {
  run -0 coracle unshare id -u
  [ "$output" = 0 ]
  coracle unshare sh -c "touch '$CT_HOME/f'; chown 33:44 '$CT_HOME/f'"
  [ "$(stat -c %u "$CT_HOME/f")" = $(($(first_subuid) + 32)) ]
  coracle unshare rm "$CT_HOME/f"
  run -7 coracle unshare sh -c 'exit 7'
  run -0 coracle unshare cat /proc/self/uid_map
  [[ "$output" == *"$(id -u)"* ]]
}

@test "container root is the caller, others are subordinate ids" {
  coracle run -d --name m --network none -u alice "$BB" sleep 100
  pid=$(coracle inspect --format '{{.State.Pid}}' m)
  [ "$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")" = $(($(first_subuid) + 999)) ]
  coracle rm -f -t 0 m
  coracle run -d --name m --network none "$BB" sleep 100
  pid=$(coracle inspect --format '{{.State.Pid}}' m)
  [ "$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")" = "$(id -u)" ]
  coracle rm -f -t 0 m
}

@test "one keeper for many commands; system migrate ends it" {
  bb true
  first=$(keeper_pid)
  bb true
  [ "$(keeper_pid)" = "$first" ]
  is_running "$first"
  coracle system migrate
  wait_for 5 has_ended "$first"
  run -0 bb true
  # A keeper that was killed is replaced.
  second=$(keeper_pid)
  kill -9 "$second"
  wait_for 5 has_ended "$second"
  run -0 bb true
}

@test "--userns keep-id, nomap, host" {
  run -0 coracle run --rm --network none --userns keep-id "$BB" sh -c 'id -u; id -g; touch /tmp/x && stat -c %u /tmp/x'
  [ "$output" = "$(id -u)"$'\n'"$(id -g)"$'\n'"$(id -u)" ]
  mkdir -p "$CT_HOME/k"
  coracle run --rm --network none --userns keep-id -v "$CT_HOME/k:/k" "$BB" touch /k/x
  [ "$(stat -c %u "$CT_HOME/k/x")" = "$(id -u)" ]
  run -0 coracle run --rm --network none --userns keep-id -u 0 "$REG/test/layers:oci" stat -c %u:%g /data/owned /data/kept
  [ "$output" = $'12345:54321\n1000:50' ]
  coracle run -d --name n --network none --userns nomap "$BB" sleep 100
  pid=$(coracle inspect --format '{{.State.Pid}}' n)
  [ "$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")" != "$(id -u)" ]
  coracle rm -f -t 0 n
  run -0 coracle run --rm --network none --userns host "$BB" id -u
  [ "$output" = 0 ]
}

# without_ranges ENTER...: runs a container where nobody has ranges and ENTER was the last step.
without_ranges() {
  : >"$CT_HOME/empty"
  run --separate-stderr unshare -Urm --propagation private sh -c "
    mount --bind '$CT_HOME/empty' /etc/subuid && mount --bind '$CT_HOME/empty' /etc/subgid || exit 77
    export XDG_DATA_HOME='$CT_HOME/single' XDG_RUNTIME_DIR='$BATS_TEST_TMPDIR'
    exec \"\$@\"" sh "$@" sh -c "
    '$CORACLE' run -q --rm --network none '$REG/test/layers:oci' \
      sh -c 'id -u; cat /data/kept; wc -l </proc/self/uid_map; chown 5 /tmp 2>/dev/null || echo refused'
    code=\$?
    '$CORACLE' system migrate
    exit \$code"
  [ "$status" != 77 ] || skip "bind mounts in a user namespace are not allowed here"
  echo "$output / $stderr"
  [ "$status" = 0 ]
  [ "$output" = 0$'\n'kept$'\n'1$'\n'refused ]
  # One line, nothing else.
  [[ "$stderr" == "Warning: "*": containers have one user id, and files of other users in images belong to it" ]]
  [[ "$stderr" != *$'\n'* ]]
}

@test "without subordinate ids: a single id, one line of warning, image owners recorded" {
  # An ordinary user, whose namespace happens to be another than the machine's.
  without_ranges unshare -U --map-user="$(id -u)" --map-group="$(id -g)"
  [[ "$stderr" == "Warning: no subordinate ids for $(id -un) in /etc/subuid and /etc/subgid (usermod "* ]]
}

@test "in a user namespace of one id: the same" {
  without_ranges env
  [[ "$stderr" == "Warning: this user namespace has no more than one user id: "* ]]
}

@test "nested: coracle inside a user namespace" {
  run --separate-stderr unshare --map-root-user --map-auto -m sh -c "
    export XDG_DATA_HOME='$CT_HOME/nested' XDG_RUNTIME_DIR='$CT_HOME/nested-run'
    mkdir -m 0700 -p '$CT_HOME/nested-run'
    '$CORACLE' run --rm --network none '$BB' sh -c 'id -u; echo nested'
    code=\$?
    '$CORACLE' system migrate; rm -rf '$CT_HOME/nested'
    exit \$code"
  echo "$output / $stderr"
  [ "$status" = 0 ]
  [ "$output" = $'0\nnested' ]
}

