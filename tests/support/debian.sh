# SPDX-License-Identifier: Apache-2.0
# debian.sh - where this machine's apt has Debian's packages from; sourced after lib.sh.

# debian_sources DIR: DIR/sources.list and DIR/proxy for mmdebstrap; sets DEBIAN_SUITE and
# DEBIAN_PROXY (lines of apt.conf, or nothing).
debian_sources() {
  DEBIAN_SUITE=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets 'Created-By: Packages' 'Component: main' \
    --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' |
    while read -r origin uri release; do
      case $origin/$release in
      "Debian/$DEBIAN_SUITE" | "Debian/$DEBIAN_SUITE"[-/]*) echo "deb $uri $release main" ;;
      esac
    done | sort -u >"$1/sources.list"
  [ -s "$1/sources.list" ] || die "apt knows no Debian archive for $DEBIAN_SUITE; run apt-get update"
  DEBIAN_PROXY=$({
    apt-config dump --no-empty Acquire::http::Proxy
    apt-config dump --no-empty Acquire::https::Proxy
  } | tr '\n' ' ')
  chmod 644 "$1/sources.list"
}
