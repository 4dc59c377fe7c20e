#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The slirp network: published ports, the way out, and the other modes.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

setup() {
  [ -w /dev/net/tun ] || skip "/dev/net/tun is not usable"
}

teardown() {
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
  [ -z "${HTTP_PID:-}" ] || kill "$HTTP_PID" 2>/dev/null || :
}

# Starts NAME with a web server that says TEXT.
web() {
  coracle run -d --name "$1" "${@:3}" "$BB" sh -c \
    "mkdir -p /www; echo $2 >/www/index.html; exec httpd -f -p 80 -h /www" >/dev/null
}

@test "a published port answers a host curl" {
  port=$(free_port)
  web w hello -p "127.0.0.1:$port:80"
  run -0 curl -sS --retry 10 --retry-connrefused --max-time 10 "http://127.0.0.1:$port/"
  [ "$output" = hello ]
  for i in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(curl -sS --max-time 5 "http://127.0.0.1:$port/")" = hello ]
  done
  coracle rm -f -t 0 w
  run curl -sS --max-time 2 "http://127.0.0.1:$port/"
  [ "$status" != 0 ]
  wait_for 5 no_container_processes || no_container_processes
}

@test "a published port of all addresses, one in use, a range, udp" {
  port=$(free_port)
  web w hello -p "$port:80"
  run -0 curl -sS --retry 10 --retry-connrefused --max-time 10 "http://127.0.0.1:$port/"
  [ "$output" = hello ]
  run -0 coracle ps
  [[ "$output" == *"$port->80/tcp"* ]]
  run --separate-stderr coracle run --rm -p "127.0.0.1:$port:80" "$BB" true
  failed_with 126 "address already in use"
  [ "$(coracle ps -aq | wc -l)" = 1 ]
  # As podman: the container is there, waiting for the port, and start says 125.
  run --separate-stderr coracle run -d --name waits -p "127.0.0.1:$port:80" "$BB" true
  failed_with 126 "address already in use"
  [ "$(coracle ps -a --filter name=waits --format '{{.Status}}')" = Created ]
  run --separate-stderr coracle start waits
  failed_with 125 "address already in use"
  run --separate-stderr coracle start -a waits
  failed_with 125 "address already in use"
  coracle rm -f -t 0 w
  coracle start -a waits
}

# A server in container u that sends every datagram back; further options of run as arguments.
udp_echo() {
  coracle run -d --name u "$@" "$DEB" perl -MIO::Socket::IP -e '
    my $s = IO::Socket::IP->new(Proto => "udp", LocalHost => $ARGV[0], LocalPort => 9) or die;
    while (1) { $s->recv(my $d, 9000); $s->send($d) }' "${ECHO_HOST:-0.0.0.0}" >/dev/null
}

@test "a published UDP port answers clients on the host's loopback" {
  need_debian
  coracle pull -q "$DEB"
  udp=$(free_port)
  udp_echo -p "127.0.0.1:$udp:9/udp"
  wait_for 10 sh -c "echo ping | socat -t 1 - UDP:127.0.0.1:$udp | grep -q ping"
  # Several at a time, each from a port of its own.
  for i in 1 2 3 4 5 6 7 8; do
    echo "client $i" | socat -t 2 - "UDP:127.0.0.1:$udp" >"$CT_HOME/answer.$i" &
  done
  sleep 3
  for i in 1 2 3 4 5 6 7 8; do [ "$(cat "$CT_HOME/answer.$i")" = "client $i" ]; done
  coracle rm -f -t 0 u
  [ -z "$(echo ping | socat -t 1 - "UDP:127.0.0.1:$udp" 2>/dev/null)" ]
}

@test "a published UDP port answers clients of the host and of elsewhere by turns" {
  need_debian
  other=$(ip -o -4 addr show scope global up | awk '{ sub("/.*", "", $4); print $4; exit }')
  # "Elsewhere" has to be an address of this host that is not loopback; a sandbox may have none.
  [ -n "$other" ] || skip "the host has loopback only"
  coracle pull -q "$DEB"
  udp=$(free_port)
  udp_echo -p "$udp:9/udp"
  wait_for 10 sh -c "echo ping | socat -t 1 - UDP:127.0.0.1:$udp | grep -q ping"
  for address in "$other" 127.0.0.1 "$other" 127.0.0.1; do
    [ "$(echo "to $address" | socat -t 1 - "UDP:$address:$udp")" = "to $address" ]
  done
}

@test "a published UDP port answers on ::1" {
  need_debian
  coracle pull -q "$DEB"
  udp=$(free_port)
  ECHO_HOST=:: udp_echo -p "[::1]:$udp:9/udp"
  wait_for 10 sh -c "echo ping | socat -t 1 - UDP6:[::1]:$udp | grep -q ping"
}

@test "a published UDP port answers in fragments" {
  need_debian
  coracle pull -q "$DEB"
  udp=$(free_port)
  udp_echo --network slirp:mtu=1500 -p "127.0.0.1:$udp:9/udp"
  wait_for 10 sh -c "echo ping | socat -t 1 - UDP:127.0.0.1:$udp | grep -q ping"
  yes fragment | head -c 4000 >"$CT_HOME/long"
  socat -b 9000 -t 1 - "UDP:127.0.0.1:$udp" <"$CT_HOME/long" >"$CT_HOME/echoed"
  cmp "$CT_HOME/long" "$CT_HOME/echoed"
}

@test "large transfers through a published port are unharmed" {
  port=$(free_port)
  coracle run -d --name w -p "127.0.0.1:$port:80" "$BB" sh -c \
    'mkdir /www; dd if=/dev/urandom of=/www/f bs=1M count=30 2>/dev/null; sha256sum /www/f; exec httpd -f -p 80 -h /www' >/dev/null
  wait_for 20 curl -sf --max-time 20 -o /dev/null "http://127.0.0.1:$port/f"
  want=$(coracle logs w | cut -c1-64)
  [ "$(curl -sS --max-time 60 "http://127.0.0.1:$port/f" | sha256sum | cut -c1-64)" = "$want" ]
}

# What a container gets of TCP at ADDRESS and PORT.
fetch() {
  # Sends nothing: a server that ends with unread bytes resets, and its answer may get lost.
  coracle run --rm --network "$1" "$BB" sh -c "sleep 1 | nc -w 5 $2 $3" 2>/dev/null
}

# A container sends a datagram to ADDRESS and PORT.
send_datagram() {
  coracle run --rm --network "$1" "$BB" sh -c \
    "tftp -g -r a-datagram $2 $3 & sleep 0.5" >/dev/null 2>&1 || :
}

@test "servers on the host's loopback are out of reach unless allowed: TCP" {
  port=$(free_port)
  http_server "$port" from-the-host
  run -0 fetch slirp:allow_host_loopback=true 10.0.2.2 "$port"
  [[ "$output" == *from-the-host ]]
  # Servers on the host's loopback are often not meant for containers, who are told at once.
  started=$SECONDS
  for address in 10.0.2.2 10.0.2.255 255.255.255.255 127.0.0.1; do
    run fetch slirp "$address" "$port"
    [[ "$status" != 0 && "$output" != *from-the-host* ]]
  done
  [ $((SECONDS - started)) -lt 15 ]
  kill "$HTTP_PID"
  socat "TCP6-LISTEN:$port,bind=[::1],reuseaddr,fork" "EXEC:$CT_HOME/answer" >/dev/null 2>&1 3>&- &
  HTTP_PID=$!
  wait_for 5 socat -u OPEN:/dev/null "TCP6:[::1]:$port"
  run -0 fetch slirp:allow_host_loopback=true fd00::2 "$port"
  [[ "$output" == *from-the-host ]]
  for address in fd00::2 fd00::77; do
    run fetch slirp "$address" "$port"
    [[ "$status" != 0 && "$output" != *from-the-host* ]]
  done
}

@test "servers on the host's loopback are out of reach unless allowed: UDP" {
  port=$(free_port)
  for host in UDP4-RECV:$port,bind=127.0.0.1 UDP6-RECV:$port,bind=[::1]; do
    socat -u "$host" "OPEN:$CT_HOME/datagrams,creat,append" >/dev/null 2>&1 3>&- &
    receivers="${receivers:-} $!"
  done
  sleep 0.3
  for address in 10.0.2.2 255.255.255.255 fd00::2 fd00::77 ff02::1%tap0; do
    send_datagram slirp "$address" "$port"
  done
  left=$(cat "$CT_HOME/datagrams" 2>/dev/null || :)
  send_datagram slirp:allow_host_loopback=true 10.0.2.2 "$port"
  wait_for 5 grep -aq a-datagram "$CT_HOME/datagrams"
  rm "$CT_HOME/datagrams"
  # shellcheck disable=SC2086
  kill $receivers
  [ -z "$left" ]
}

@test "address, route, resolver, MTU, loopback" {
  run -0 coracle run --rm "$BB" sh -c 'ip -o -4 addr show scope global; ip route; cat /etc/resolv.conf; ip link; ip -o addr show lo'
  [[ "$output" == *10.0.2.100/24* && "$output" == *"default via 10.0.2.2"* && "$output" == *65520* && \
    "$output" == *127.0.0.1/8* ]]
  [[ "$output" == *nameserver* ]]
  run -0 coracle run --rm "$BB" ip -o -6 addr show scope global
  [[ "$output" == *inet6* ]]
}

@test "--network none, host, container:NAME" {
  run -0 coracle run --rm --network none "$BB" sh -c 'ip -o link | wc -l; ip -o addr show lo'
  [[ "$output" == 1$'\n'*127.0.0.1* ]]
  run -0 coracle run --rm --network host "$BB" readlink /proc/self/ns/net
  [ "$output" = "$(readlink /proc/self/ns/net)" ]
  web w shared
  run -0 coracle run --rm --network container:w "$BB" sh -c \
    'for i in 1 2 3 4 5 6 7 8 9; do printf "GET /index.html HTTP/1.0\r\n\r\n" | nc 127.0.0.1 80 && exit; sleep 0.2; done'
  [[ "$output" == *shared ]]
  run --separate-stderr coracle run --rm --network container:nobody "$BB" true
  failed_with 125 "nobody"
  run --separate-stderr coracle run --rm --network no-such-net "$BB" true
  failed_with 125 "network not found"
}

@test "--network ns:PATH joins a namespace" {
  coracle run -d --name w --network none "$BB" sleep 100 >/dev/null
  pid=$(coracle inspect --format '{{.State.Pid}}' w)
  run -0 coracle run --rm --network "ns:/proc/$pid/ns/net" "$BB" readlink /proc/self/ns/net
  [ "$output" = "$(coracle unshare readlink "/proc/$pid/ns/net")" ]
}

@test "the plugin runs from a shell and speaks CNI" {
  plugin=${CORACLE_LIBEXEC_DIR:-}/cni/slirp
  [ -x "$plugin" ] || plugin=$CT_BUILD/netplugins/slirp/slirp
  [ -x "$plugin" ] || skip "no slirp plugin at $plugin"
  echo '{"cniVersion":"1.1.0"}' | CNI_COMMAND=VERSION "$plugin" | jq -e '.supportedVersions | index("1.1.0") or index("1.0.0")'
  run -1 sh -c "echo '{' | CNI_COMMAND=VERSION '$plugin'"
}

@test "the plugin's process is confined" {
  web w x
  slirp=$(pgrep -u "$(id -u)" -n -x slirp-packets)
  grep -q '^Seccomp:.*2' "/proc/$slirp/status"
  grep -q '^CapEff:.*0000000000000000' "/proc/$slirp/status"
}
