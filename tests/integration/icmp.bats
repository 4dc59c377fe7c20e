#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ICMP echo out of a container: as far as the gateway always, further where the host allows its user
# an ICMP socket of its own (net.ipv4.ping_group_range).

load helpers

setup_file() {
  file_setup busybox:latest
  # One echo with SOCK_DGRAM, as ping of Debian does it: CAP_NET_RAW is none of podman's defaults,
  # nor of ours. The kernel fills in the identifier. Prints what answered with what.
  cat >"$CT_HOME/echo.pl" <<'END'
use strict;
use Socket;

sub checksum {
	my $sum = 0;
	$sum += $_ for unpack 'n*', $_[0];
	$sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
	return ~$sum & 0xffff;
}

my ($to) = @ARGV;
socket my $socket, PF_INET, SOCK_DGRAM, 1 or die "socket: $!\n";
my $echo = pack 'CCnnna8', 8, 0, checksum(pack 'CCnnna8', 8, 0, 0, 1, 1, 'coracle!'), 1, 1, 'coracle!';
for (1 .. 5) {
	send $socket, $echo, 0, pack_sockaddr_in(0, inet_aton $to) or die "send: $!\n";
	my $ready = '';
	vec($ready, fileno $socket, 1) = 1;
	next if !select $ready, undef, undef, 1;
	my $from = recv $socket, my $reply, 1500, 0;
	my ($type, $data) = unpack 'C x7 a*', $reply;
	my (undef, $address) = unpack_sockaddr_in($from);
	print 'type ', $type, ' from ', inet_ntoa($address), ': ', $data, "\n";
	exit;
}
die "no answer from $to\n";
END
}

teardown_file() {
  file_teardown
}

setup() {
  [ -w /dev/net/tun ] || skip "/dev/net/tun is not usable"
}

# echo_to ADDRESS FLAG...: in a container that has the perl of the host.
echo_to() {
  coracle run --rm -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v "$CT_HOME/echo.pl:/echo.pl:ro" \
    "${@:2}" "$BB" /usr/bin/perl /echo.pl "$1"
}

@test "root in a container may use ICMP, as podman sets it" {
  run -0 coracle run --rm --network none "$BB" cat /proc/sys/net/ipv4/ping_group_range
  [ "$output" = $'0\t0' ]
  run -0 echo_to 127.0.0.1 --network none
  [ "$output" = "type 0 from 127.0.0.1: coracle!" ]
  run echo_to 127.0.0.1 --network none --user 33:33
  [[ "$output" == "socket: Permission denied" ]]
}

@test "the gateway answers an echo" {
  run -0 echo_to 10.0.2.2
  [ "$output" = "type 0 from 10.0.2.2: coracle!" ]
  run -0 coracle run --rm --cap-add net_raw "$BB" ping -c 1 -W 5 10.0.2.2
  [[ "$output" == *"64 bytes from 10.0.2.2"* ]]
}

# outside COMMAND...: with a network namespace of our own as the host, and 198.51.100.7 in it. Its
# owner says who may have ICMP sockets there.
outside() {
  run -0 --separate-stderr unshare --map-root-user --map-auto -n sh -c '
    ip link set lo up && ip addr add 198.51.100.7/32 dev lo && ip route add default dev lo &&
      echo "0 0" >/proc/sys/net/ipv4/ping_group_range || exit 77
    export XDG_RUNTIME_DIR=$1
    shift
    "$@"
    code=$?
    "$CORACLE" system migrate
    exit $code' sh "$BATS_TEST_TMPDIR" "$@"
}

@test "an outside address answers an echo where the host allows it" {
  outside "$CORACLE" run --rm -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro \
    -v "$CT_HOME/echo.pl:/echo.pl:ro" "$BB" /usr/bin/perl /echo.pl 198.51.100.7
  [ "$output" = "type 0 from 198.51.100.7: coracle!" ]
}

@test "the very first packet of a container gets its answer" {
  outside "$CORACLE" run --rm --cap-add net_raw "$BB" ping -c 1 -W 5 198.51.100.7
  [[ "$output" == *"1 packets received"* ]]
}
