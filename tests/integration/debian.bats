#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# File work as apt does it, inside the Debian image.

load helpers

setup_file() {
  if [ -n "${CT_DEBIAN:-}" ] || [ -z "${REG:-}" ]; then file_setup; else return 0; fi
  [ -z "${CT_DEBIAN:-}" ] || coracle pull -q "$DEB" 3>&-
}

teardown_file() {
  file_teardown
}

setup() {
  need_debian
}

make_deb() {
  root=$CT_HOME/deb
  mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/etc/local" "$root/var/lib/local"
  printf 'Package: local-test\nVersion: %s\nArchitecture: all\nMaintainer: t <t@example.org>\nDescription: test\n' \
    "$1" >"$root/DEBIAN/control"
  echo /etc/local/conf >"$root/DEBIAN/conffiles"
  cat >"$root/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
getent passwd localuser >/dev/null || useradd --system --home /var/lib/local localuser
chown localuser: /var/lib/local
END
  chmod 0755 "$root/DEBIAN/postinst"
  printf '#!/bin/sh\necho version %s\n' "$1" >"$root/usr/bin/local-test"
  chmod 4755 "$root/usr/bin/local-test"
  echo conf >"$root/etc/local/conf"
  dpkg-deb --root-owner-group -b "$root" "$CT_HOME/local-$1.deb" >/dev/null
}

work() {
  driver="--storage-driver $1"
  make_deb 1
  make_deb 2
  run -0 coracle $driver run --rm --network none -v "$CT_HOME:/in:ro" "$DEB" bash -ec '
    dpkg -i /in/local-1.deb >/dev/null
    local-test
    stat -c "%a %u:%g" /usr/bin/local-test
    test "$(stat -c %U /var/lib/local)" = localuser
    echo changed >/etc/local/conf
    dpkg -i --force-confold /in/local-2.deb >/dev/null
    local-test
    cat /etc/local/conf
    dpkg -P local-test >/dev/null 2>&1
    test ! -e /usr/bin/local-test
    dpkg --audit'
  [ "$output" = $'version 1\n4755 0:0\nversion 2\nchanged' ]
  run -0 coracle $driver run --rm --network none "$DEB" bash -ec '
    cd /root
    for id in 0 1 33 1000 65533; do touch f$id; chown $id:$id f$id; stat -c %u:%g f$id; done
    cp /usr/bin/id setuid-id; chmod 4755 setuid-id; chmod 755 /root
    setpriv --reuid 33 --clear-groups ./setuid-id -u
    mkdir -p a/b c; echo x >a/b/f; ln a/b/f a/hard; test "$(stat -c %h a/hard)" = 2
    ln /etc/passwd /etc/passwd.link; echo y >>/etc/passwd.link; tail -n 1 /etc/passwd
    mv a renamed; test -e renamed/b/f
    mv /usr/share/base-files /usr/share/moved; test -d /usr/share/moved; mkdir /usr/share/base-files
    mv -T /usr/share/moved /usr/share/base-files; ls /usr/share/base-files | wc -l >/dev/null
    rm -rf /usr/share/dpkg; test ! -e /usr/share/dpkg; mkdir /usr/share/dpkg; ls -A /usr/share/dpkg | wc -l'
  [ "$output" = $'0:0\n1:1\n33:33\n1000:1000\n65533:65533\n0\ny\n0' ]
}

@test "dpkg, owners, setuid, links and renames: overlay" {
  work overlay
}

@test "dpkg, owners, setuid, links and renames: fuse-overlayfs" {
  need_command fuse-overlayfs
  work fuse-overlayfs
}

@test "dpkg, owners, setuid, links and renames: copy" {
  work copy
}

@test "ordinary programs of the image run" {
  run -0 coracle run --rm --network none "$DEB" bash -c 'cat /etc/debian_version; perl -e "print 6*7"; ls -la / >/dev/null; df / >/dev/null; su nobody -s /bin/sh -c id'
  [[ "$output" == *42*nobody* ]]
}
