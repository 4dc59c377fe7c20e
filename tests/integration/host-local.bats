#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The address management plugin, driven from a shell as any CNI client would drive it.
load helpers

setup() {
  CT_HOME=$(mktemp -d /var/tmp/cr.XXXXXX)
  PLUGIN=$CT_BUILD/netplugins/host-local/host-local
  leases=$CT_HOME/leases/net
  config '[[{"subnet":"10.90.0.0/24"}],[{"subnet":"fd90::/64"}]]'
}

teardown() {
  rm -rf "$CT_HOME"
}

# config RANGES
config() {
  printf '{"cniVersion":"1.0.0","name":"net","type":"bridge","ipam":{"type":"host-local","ranges":%s,%s}}' \
    "$1" "\"dataDir\":\"$CT_HOME/leases\"" >"$CT_HOME/config"
}

# cni PLUGIN COMMAND CONTAINER
cni() {
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=/proc/self/ns/net CNI_IFNAME=eth0 CNI_PATH=/nowhere \
    "$1" <"$CT_HOME/config"
}

# addresses of an ADD's result
addresses() {
  jq -r '[.ips[].address] | join(" ")'
}

@test "a hundred at once get a hundred addresses, and give them back" {
  for i in $(seq 100); do
    cni "$PLUGIN" ADD "c$i" >"$CT_HOME/result.$i" 3>&- &
  done
  wait
  [ "$(cat "$CT_HOME"/result.* | jq -r '.ips[].address' | sort | uniq | wc -l)" = 200 ]
  [ "$(find "$leases" -name '*.*.*.*' | wc -l)" = 100 ]
  for i in $(seq 100); do
    cni "$PLUGIN" DEL "c$i" 3>&- &
  done
  wait
  [ -z "$(find "$leases" -name '10.*' -o -name 'fd*')" ]
}

@test "the reference plugin goes on with our leases, and we with its" {
  reference=/usr/lib/cni/host-local
  [ -x "$reference" ]
  [ "$(cni "$PLUGIN" ADD ours | addresses)" = '10.90.0.2/24 fd90::2/64' ]
  [ "$(cni "$reference" ADD theirs | addresses)" = '10.90.0.3/24 fd90::3/64' ]
  [ "$(cni "$PLUGIN" ADD more | addresses)" = '10.90.0.4/24 fd90::4/64' ]
  cni "$reference" CHECK ours
  cni "$PLUGIN" CHECK theirs
  cni "$reference" DEL ours
  cni "$PLUGIN" DEL theirs
  run -1 cni "$PLUGIN" CHECK ours
  run -1 cni "$reference" CHECK theirs
  cni "$PLUGIN" CHECK more
}

@test "a kill at any moment leaves whole leases, which GC ends" {
  config '[[{"subnet":"10.90.0.0/16"}]]'
  for i in $(seq 40); do
    cni "$PLUGIN" ADD "k$i" >/dev/null 2>&1 3>&- &
    sleep "0.00$((i % 4))"
    kill -9 $! 2>/dev/null || :
    wait $! 2>/dev/null || :
  done
  # What is there is whole, and the lock is nobody's.
  for lease in $(find "$leases" -name '10.*'); do
    [[ $(cat "$lease") =~ ^k[0-9]+$'\r\n'eth0$ ]]
  done
  cni "$PLUGIN" ADD alive
  jq '. + {"cniVersion":"1.1.0","cni.dev/valid-attachments":[{"containerID":"alive","ifname":"eth0"}]}' \
    "$CT_HOME/config" >"$CT_HOME/gc"
  CNI_COMMAND=GC CNI_PATH=/nowhere "$PLUGIN" <"$CT_HOME/gc"
  [ "$(find "$leases" -name '10.*' | wc -l)" = 1 ]
  cni "$PLUGIN" CHECK alive
}

@test "name servers come from a file in the manner of resolv.conf" {
  printf 'search old\n# nameserver 9.9.9.9\nnameserver\t10.0.0.1 \nnameserver nonsense\nnameserver fd00::1\nsearch a.example b.example\noptions ndots:2 timeout:1\n' \
    >"$CT_HOME/resolv.conf"
  jq --arg file "$CT_HOME/resolv.conf" '.ipam.resolvConf = $file' "$CT_HOME/config" >"$CT_HOME/new"
  mv "$CT_HOME/new" "$CT_HOME/config"
  run -0 cni "$PLUGIN" ADD c
  [ "$(echo "$output" | jq -c .dns)" = \
    '{"nameservers":["10.0.0.1","fd00::1"],"search":["a.example","b.example"],"options":["ndots:2","timeout:1"]}' ]
}

@test "errors are objects with the codes of the specification" {
  config '[[{"subnet":"10.90.0.0/24","gateway":"10.91.0.1"}]]'
  run -1 cni "$PLUGIN" ADD c
  [ "$(echo "$output" | jq -c '[.code, .msg]')" = \
    '[7,"ipam: gateway 10.91.0.1 is not an address of the subnet"]' ]
  echo '{' >"$CT_HOME/config"
  run -1 cni "$PLUGIN" ADD c
  [ "$(echo "$output" | jq .code)" = 6 ]
  config '[[{"subnet":"10.90.0.0/30"}]]'
  cni "$PLUGIN" ADD c
  run -1 cni "$PLUGIN" ADD d
  [[ $output = *'no IP addresses available in range set: 10.90.0.1-10.90.0.2'* ]]
}
