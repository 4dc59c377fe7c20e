#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The bridge plugin, driven from a shell as any CNI client would drive it. A network namespace of the
# user's plays the host's part, others those of containers.

load helpers

setup() {
  CT_HOME=$(mktemp -d /var/tmp/cr.XXXXXX)
  mkdir "$CT_HOME/bin"
  # The reference plugins beside ours, under names that tell them apart.
  ln -s "$CT_BUILD/netplugins/bridge/bridge" "$CT_BUILD/netplugins/host-local/host-local" "$CT_HOME/bin"
  ln -s /usr/lib/cni/bridge "$CT_HOME/bin/reference-bridge"
  ln -s /usr/lib/cni/host-local "$CT_HOME/bin/reference-host-local"
  export CT_HOME
  cat >"$CT_HOME/lib" <<'END'
set -eu
# conf NAME BRIDGE SUBNET [JQ]: the configuration of a network
conf() {
  jq -n --arg name "$1" --arg br "$2" --arg net "$3" --arg dir "$CT_HOME/leases" '
    {cniVersion: "1.0.0", $name, type: "bridge", bridge: $br, isDefaultGateway: true,
     ipam: {type: "host-local", dataDir: $dir, ranges: ($net / "," | map([{subnet: .}]))}}' |
    jq "${4:-.}" >"$CT_HOME/$1.conf"
}
# container NAME: a namespace for one
container() {
  unshare -n sleep 1000 &
  eval "$1=$!"
  while [ "$(readlink "/proc/$!/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
  nsenter -n -t $! ip link set lo up
}
# cni COMMAND NETWORK CONTAINER
cni() {
  eval "pid=\$$3"
  CNI_COMMAND=$1 CNI_CONTAINERID=$3 CNI_NETNS=/proc/$pid/ns/net CNI_IFNAME=${IFNAME:-eth0} \
    CNI_PATH=$CT_HOME/bin "$CT_HOME/bin/$(jq -r .type "$CT_HOME/$2.conf")" <"$CT_HOME/$2.conf"
}
# inside CONTAINER COMMAND...
inside() {
  eval "pid=\$$1"
  shift
  nsenter -n -t "$pid" "$@"
}
reaches() {
  inside "$1" busybox ping -c 1 -W 2 "$2" >/dev/null 2>&1
}
not() {
  ! "$@"
}
ip link set lo up
trap 'kill $(jobs -p) 2>/dev/null' EXIT
END
}

teardown() {
  rm -rf "$CT_HOME"
}

# play SCRIPT: as root of a user and network namespace
play() {
  printf '. "$CT_HOME/lib"\n%s' "$1" >"$CT_HOME/script"
  timeout -k 5 60 unshare -rn bash -x "$CT_HOME/script" 3>&-
}

@test "containers of a network reach each other and the gateway, by IPv4 and IPv6" {
  play '
    conf net br0 10.90.0.0/24,fd90::/64
    container a; container b
    cni ADD net a >"$CT_HOME/result"; cni ADD net b
    reaches a 10.90.0.3; reaches a fd90::3; reaches b 10.90.0.2; reaches b 10.90.0.1; reaches b fd90::1
    inside a ip route | grep -q "default via 10.90.0.1"
    inside a ip -6 route | grep -q "default via fd90::1"
    conf net br0 10.90.0.0/24,fd90::/64 ". + {prevResult: $(cat "$CT_HOME/result")}"
    cni CHECK net a
    inside a ip addr del 10.90.0.2/24 dev eth0
    not cni CHECK net a
    cni DEL net a; cni DEL net a; cni DEL net b
    not reaches a 10.90.0.1
    [ -z "$(ip -br link show master br0)" ]
    [ "$(ls "$CT_HOME"/leases/net | grep -c "^10\|^fd" || :)" = 0 ]'
  run -0 jq -c '[.interfaces[].name, .ips[].interface, .routes[].dst]' "$CT_HOME/result"
  [[ $output = '["br0","cor'*'","eth0",2,2,"0.0.0.0/0","::/0"]' ]]
}

@test "isolated networks do not reach each other, others do" {
  play '
    conf one br1 10.91.0.0/24 ".isolate=true"; conf two br2 10.92.0.0/24 ".isolate=true"
    conf three br3 10.93.0.0/24 ".ipMasq=true"; conf four br4 10.94.0.0/24
    container a; container b; container c; container d
    cni ADD one a; cni ADD two b; cni ADD three c; cni ADD four d
    reaches a 10.91.0.1
    not reaches a 10.92.0.2; not reaches b 10.91.0.2; not reaches a 10.93.0.2; not reaches c 10.91.0.2
    reaches c 10.94.0.2; reaches d 10.93.0.2'
}

@test "an internal network has no way out and none in" {
  play '
    conf in br1 10.91.0.0/24 ".internal=true | .isDefaultGateway=false | .isGateway=true"
    conf out br2 10.92.0.0/24
    container a; container b; container c
    cni ADD in a; cni ADD in b; cni ADD out c
    reaches a 10.91.0.3
    inside a ip route add default via 10.91.0.1
    not reaches a 10.92.0.2; not reaches c 10.91.0.2'
}

@test "what leaves is masqueraded, and what a server sees is the address of the host" {
  play '
    conf net br0 10.90.0.0/24 ".ipMasq=true"
    container a; container world
    cni ADD net a
    ip link add up0 type veth peer name eth0 netns $world
    ip addr add 192.0.2.1/24 dev up0; ip link set up0 up
    inside world ip addr add 192.0.2.2/24 dev eth0; inside world ip link set eth0 up
    reaches a 192.0.2.2
    inside world timeout 10 busybox nc -l -p 7 -e sh -c "echo \$NCAT_REMOTE_ADDR; busybox netstat -tn" >"$CT_HOME/seen" &
    server=$!
    until inside world busybox netstat -tln | grep -q ":7 "; do sleep 0.05; done
    inside a timeout 5 busybox nc 192.0.2.2 7 </dev/null >"$CT_HOME/answer" || :
    grep -q "192.0.2.1:" "$CT_HOME/answer"
    not grep -q 10.90 "$CT_HOME/answer"
    # The same again says the same: rules do not pile up.
    nft list ruleset >"$CT_HOME/before"
    ip link set br0 down; cni DEL net a; cni ADD net a
    nft list ruleset >"$CT_HOME/after"
    cmp "$CT_HOME/before" "$CT_HOME/after"'
}

@test "ours go on with the reference plugin's bridge, and it with ours" {
  play '
    conf net br0 10.90.0.0/24
    conf ref br0 10.90.0.0/24 ".name=\"net\" | .type=\"reference-bridge\" | .ipam.type=\"reference-host-local\""
    container a; container b; container c
    cni ADD ref a; cni ADD net b; cni ADD ref c
    reaches a 10.90.0.3; reaches b 10.90.0.4; reaches c 10.90.0.2
    cni DEL net a; cni DEL ref b
    not reaches c 10.90.0.2; not reaches c 10.90.0.3; reaches c 10.90.0.1'
}

@test "a MAC, an MTU and a hairpin can be asked for" {
  play '
    conf net br0 10.90.0.0/24 ".mtu=1400 | .hairpinMode=true | .runtimeConfig.mac=\"02:00:00:00:00:05\""
    container a
    cni ADD net a
    inside a ip link show eth0 | grep -q "mtu 1400"
    inside a ip link show eth0 | grep -q "02:00:00:00:00:05"
    bridge -d link show | grep -q "hairpin on"'
}

@test "a failure takes back what it did" {
  play '
    conf net br0 10.90.0.0/24
    container a
    ip link add taken type veth peer name other
    # The name of the interface is taken in the container.
    inside a ip link add eth0 type veth peer name eth9
    not cni ADD net a
    [ -z "$(ip -br link show master br0)" ]
    [ "$(ls "$CT_HOME"/leases/net | grep -c "^10" || :)" = 0 ]
    # The bridge is none.
    conf bad taken 10.91.0.0/24
    not cni ADD bad a >"$CT_HOME/answer"
    # No address is left, or no such plugin.
    conf full br0 10.90.0.0/30 ".ipam.ranges[0][0].rangeEnd=\"10.90.0.1\""
    not cni ADD full a
    conf none br0 10.90.0.0/24 ".ipam.type=\"nothing\""
    not cni ADD none a >"$CT_HOME/none"'
  run -0 jq -r .msg "$CT_HOME/answer"
  [ "$output" = 'taken exists and is not a bridge' ]
  run -0 jq -r .msg "$CT_HOME/none"
  [[ $output = 'network plugin nothing: not found in '* ]]
}

@test "twenty at once on a new network all get what they asked for" {
  play '
    conf net br0 10.90.0.0/24,fd90::/64 ".ipMasq=true | .isolate=true"
    for i in $(seq 20); do container "c$i"; done
    for i in $(seq 20); do cni ADD net "c$i" >"$CT_HOME/result.$i" & pids="${pids-} $!"; done
    for pid in $pids; do wait "$pid"; done
    for i in $(seq 20); do reaches "c$i" 10.90.0.1; done
    [ "$(ip -br link show master br0 | wc -l)" = 20 ]
    for i in $(seq 20); do cni DEL net "c$i" & done
    wait $(jobs -p | tail -n 20)
    [ -z "$(ip -br link show master br0)" ]'
  [ "$(cat "$CT_HOME"/result.* | jq -r '.ips[].address' | sort -u | wc -l)" = 40 ]
}

@test "keys that are not offered are errors of the configuration" {
  play '
    container a
    conf net br0 10.90.0.0/24 ".vlan=5"
    not cni ADD net a >"$CT_HOME/vlan"
    conf net "br 0" 10.90.0.0/24
    not cni ADD net a >"$CT_HOME/name"'
  run -0 jq -r '"\(.code) \(.msg)"' "$CT_HOME/vlan"
  [ "$output" = '2 vlan: not offered by this plugin' ]
  run -0 jq -r '"\(.code) \(.msg)"' "$CT_HOME/name"
  [ "$output" = '7 bridge "br 0" is not the name of an interface' ]
}
