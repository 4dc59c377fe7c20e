# SPDX-License-Identifier: Apache-2.0
# podman.sh - what it takes for podman to work beside coracle; after lib.sh.

podman_has_cgroup() {
  [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
}

# podman_enter COMMAND...: Debian's crun wants cgroup v2 alone on /sys/fs/cgroup. Where it is not, root
# goes on with COMMAND in a mount namespace where it is; everywhere else this returns.
podman_enter() {
  [ -z "${CT_CGROUP:-}" ] && ! podman_has_cgroup && unshare -m true 2>/dev/null || return 0
  export CT_CGROUP=private
  # Shared again, but among those in here: podman warns about a "/" that is not.
  exec unshare -m sh -c 'umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mount --make-rshared /; exec "$@"' sh "$@"
}

# podman_configure CONFIG GRAPHROOT RUNROOT: files of podman's below the folder CONFIG. Native overlay
# is its best driver; the rest is what needs no systemd.
podman_configure() {
  mkdir -p "$1/containers"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$2" "$3" \
    >"$1/containers/storage.conf"
  printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' \
    >"$1/containers/containers.conf"
  echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$1/containers/policy.json"
}
