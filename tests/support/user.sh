# SPDX-License-Identifier: Apache-2.0
# user.sh - the ordinary user that tests run as when everything is started by root.

TEST_USER=${CORACLE_TEST_USER:-tester}

# Makes the user, its ranges of subordinate ids and what a login would give it.
test_user_prepare() {
  id "$TEST_USER" >/dev/null 2>&1 || useradd --create-home --shell /bin/sh "$TEST_USER"
  for kind in uid gid; do
    grep -q "^$TEST_USER:" "/etc/sub$kind" 2>/dev/null && continue
    # Behind the last range of anybody.
    start=$(awk -F: 'BEGIN { n = 100000 } $2 + $3 > n { n = $2 + $3 } END { print n }' \
      "/etc/sub$kind" 2>/dev/null || echo 100000)
    usermod "--add-sub${kind}s" "$start-$((start + 65535))" "$TEST_USER"
  done
  # What udev would do.
  [ -e /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; } 2>/dev/null || :
  [ -e /dev/fuse ] || mknod /dev/fuse c 10 229 2>/dev/null || :
  chmod 0666 /dev/net/tun /dev/fuse 2>/dev/null || :
  mkdir -p /var/tmp/coracle-test
  chown "$TEST_USER:" /var/tmp/coracle-test
  TEST_RUNTIME_DIR=/run/user/$(id -u "$TEST_USER")
  if [ ! -d "$TEST_RUNTIME_DIR" ]; then
    mkdir -p "$TEST_RUNTIME_DIR"
    chown "$TEST_USER:" "$TEST_RUNTIME_DIR"
    chmod 0700 "$TEST_RUNTIME_DIR"
  fi
}

# run_as_test_user COMMAND...: with a clean login environment and this shell's CORACLE_*, CT_*, CI.
run_as_test_user() {
  home=$(getent passwd "$TEST_USER" | cut -d: -f6)
  (
    cd / || exit
    for name in $(env | sed -n 's/^\(CORACLE[A-Z_]*\|CT_[A-Z_]*\)=.*/\1/p'); do
      eval "value=\$$name"
      set -- "$name=$value" "$@"
    done
    exec setpriv --reuid "$TEST_USER" --regid "$TEST_USER" --init-groups --inh-caps=-all \
      env -i HOME="$home" USER="$TEST_USER" LOGNAME="$TEST_USER" SHELL=/bin/sh \
      LANG=C.UTF-8 XDG_RUNTIME_DIR="/run/user/$(id -u "$TEST_USER")" \
      PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin "$@"
  )
}

test_user_can_read() {
  run_as_test_user test -r "$1" -a -x "$1"
}
