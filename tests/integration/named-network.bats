#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Networks that a configuration list defines: a user's containers on bridges, behind one network
# namespace that plays the host's part.

load helpers

setup_file() {
  file_setup busybox:latest
  mkdir -p "$XDG_CONFIG_HOME/cni/net.d"
  network one br-one 10.91.0.0/24 fd91::/64
  network two br-two 10.92.0.0/24 fd92::/64
  state=$XDG_RUNTIME_DIR/coracle/network
  export state
}

teardown_file() {
  file_teardown
}

setup() {
  [ -w /dev/net/tun ] || skip "/dev/net/tun is not usable"
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# network NAME BRIDGE SUBNET SUBNET
network() {
  jq -n --arg name "$1" --arg br "$2" --arg four "$3" --arg six "$4" '
    {cniVersion: "1.0.0", $name, plugins: [{type: "bridge", bridge: $br, isDefaultGateway: true, ipMasq: true,
      isolate: true, ipam: {type: "host-local", ranges: [[{subnet: $four}], [{subnet: $six}]]}}]}' \
    >"$XDG_CONFIG_HOME/cni/net.d/$1.conflist"
}

# start NAME NETWORK: a container that says its name on port 7
start() {
  coracle run -d --name "$1" --network "$2" "$BB" nc -ll -p 7 -e echo "$1" >/dev/null
}

# address NAME [4|6]
address() {
  coracle exec "$1" ip -o "-${2:-4}" addr show dev eth0 scope global | sed 's,.*inet6* \([^/]*\)/.*,\1,'
}

# ask CONTAINER ADDRESS: who answers there
ask() {
  coracle exec "$1" timeout 5 nc -w 2 "$2" 7 </dev/null
}

nothing_is_left() {
  [ -z "$(ls "$state/host/users" "$state/results" | grep -v : | grep -v '^\.' | grep .)" ] &&
    [ -z "$(find "$state/host-local" -name '10.*' -o -name 'fd*')" ] && [ ! -e "$state/host/holder.json" ]
}

holder() {
  jq .pid "$state/host/holder.json"
}

@test "containers of a network reach each other, those of another do not" {
  start a one
  start b one
  start c two
  [ "$(ask a "$(address b)")" = b ]
  [ "$(ask b "$(address a 6)")" = a ]
  run --separate-stderr ask c "$(address a)"
  [ "$status" != 0 ]
  [ -z "$output" ]
  run --separate-stderr ask a "$(address c 6)"
  [ "$status" != 0 ]
  [ -z "$output" ]
  [ "$(coracle inspect --format '{{.HostConfig.NetworkMode}}' a)" = one ]
}

@test "the way out: a server on the host, and its name server" {
  port=$(free_port)
  mkdir -p "$CT_HOME/www"
  echo hello >"$CT_HOME/www/index.html"
  (cd "$CT_HOME/www" && exec busybox httpd -f -p "$port" 3>&-) &
  server=$!
  wait_for 5 curl -sS -o "$CT_HOME/seen" "http://127.0.0.1:$port/"
  here=$(ip -4 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
  [ -n "$here" ] || skip "the host has no address beside its loopback"
  run -0 coracle run --rm --network one "$BB" sh -c \
    "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 10 nc -w 5 $here $port"
  kill $server
  [[ $output = *hello ]]
  run -0 coracle run --rm --network one "$BB" cat /etc/resolv.conf
  [[ $output = *'nameserver 10.0.2.3'* ]]
}

@test "one namespace for all, from the first container to the last" {
  start a one
  first=$(holder)
  start b two
  [ "$(holder)" = "$first" ]
  coracle rm -f -t 0 a
  [ "$(holder)" = "$first" ]
  [ "$(ask b "$(address b)")" = b ]
  coracle rm -f -t 0 b
  wait_for 5 nothing_is_left
  [ ! -e "/proc/$first/root" ]
  coracle run --rm --network one "$BB" true
  wait_for 5 nothing_is_left
}

@test "what is killed is made anew by the next container" {
  start a one
  first=$(holder)
  kill -9 "$first"
  start b one
  [ "$(holder)" != "$first" ]
  [ "$(coracle exec b timeout 5 nc -w 2 10.91.0.1 1 </dev/null 2>&1 || :)" != "Network is unreachable" ]
  kill -9 "$(jq .process.pid "$state"/slirp/host-netns-tap0.json)"
  start c one
  [ "$(ask c "$(address b)")" = b ]
  coracle rm -fa -t 0
  wait_for 5 nothing_is_left
}

@test "a monitor that is killed leaves nothing that the next command does not take away" {
  start a one
  kill -9 "$(coracle inspect --format '{{.State.ConmonPid}}' a)"
  coracle rm -fa -t 0
  wait_for 5 nothing_is_left
}

@test "twenty at once: twenty addresses, one namespace, and all of it goes" {
  for i in $(seq 20); do
    coracle run -d --name "c$i" --network one "$BB" sleep 1000 >/dev/null 3>&- &
  done
  wait
  [ "$(for i in $(seq 20); do address "c$i"; done | sort -u | wc -l)" = 20 ]
  [ "$(ls "$state/host/users" | wc -l)" = 20 ]
  coracle rm -fa -t 0 >/dev/null
  wait_for 10 nothing_is_left
}

@test "a plugin that is missing, and one that fails: one line, and nothing remains" {
  echo '{"cniVersion":"1.0.0","name":"bad","plugins":[{"type":"no-such-plugin"}]}' \
    >"$XDG_CONFIG_HOME/cni/net.d/bad.conflist"
  run --separate-stderr coracle run --rm --network bad "$BB" true
  failed_with 125 "network plugin no-such-plugin: not found in"
  network full br-full 10.93.0.0/30 fd93::/126
  coracle run -d --name f --network full "$BB" sleep 1000
  run --separate-stderr coracle run --rm --network full "$BB" true
  failed_with 126 "no IP addresses available"
  coracle rm -f -t 0 f
  wait_for 5 nothing_is_left
}
