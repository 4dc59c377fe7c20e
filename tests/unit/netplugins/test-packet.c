/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames of a container may reach libslirp, and what those that may not are told. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../netplugins/slirp/mend.h"
#include "../../../netplugins/slirp/packet.h"
#include "../../../netplugins/slirp/peers.h"
#include "../../../netplugins/slirp/refusal.h"
#include "../../support/packet-rules.h"
#include "base/cleanup.h"

enum { TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58, SYN = 2, ACK = 16, RST = 4 };

/* A frame to be changed by the test: Ethernet, a header without options, 40 bytes. */
struct frame {
	uint8_t bytes[200];
	size_t len;
};

static struct packet_rules rules;

static int make_rules(void **state)
{
	(void)state;
	rules = default_packet_rules(false);
	return 0;
}

static uint8_t *payload_of(struct frame *frame)
{
	return frame->bytes + (frame->bytes[12] == 0x08 ? 34 : 54);
}

static void set_ports(struct frame *frame, unsigned from, unsigned to)
{
	uint8_t *at = payload_of(frame);

	at[0] = (uint8_t)(from >> 8);
	at[1] = (uint8_t)from;
	at[2] = (uint8_t)(to >> 8);
	at[3] = (uint8_t)to;
}

static struct frame make4(const char *from, const char *to, uint8_t protocol)
{
	struct frame frame = {.len = 14 + 60};
	uint8_t *ip = frame.bytes + 14;

	memset(frame.bytes, 0x52, 6);
	memset(frame.bytes + 6, 0x02, 6);
	frame.bytes[12] = 0x08;
	ip[0] = 0x45;
	ip[3] = 60;
	ip[9] = protocol;
	inet_pton(AF_INET, from, ip + 12);
	inet_pton(AF_INET, to, ip + 16);
	set_ports(&frame, 7000, 9000);
	return frame;
}

static struct frame make6(const char *from, const char *to, uint8_t protocol)
{
	struct frame frame = {.len = 14 + 80};
	uint8_t *ip = frame.bytes + 14;

	frame.bytes[12] = 0x86;
	frame.bytes[13] = 0xdd;
	ip[0] = 0x60;
	ip[5] = 40;
	ip[6] = protocol;
	inet_pton(AF_INET6, from, ip + 8);
	inet_pton(AF_INET6, to, ip + 24);
	set_ports(&frame, 7000, 9000);
	return frame;
}

static enum packet_verdict judge(const struct frame *frame)
{
	struct packet_ports ports;

	return packet_judge(&rules, frame->bytes, frame->len, &ports);
}

static enum packet_verdict judge4(const char *to, uint8_t protocol)
{
	struct frame frame = make4("10.0.2.100", to, protocol);

	return judge(&frame);
}

static enum packet_verdict judge6(const char *to, uint8_t protocol)
{
	struct frame frame = make6("fd00::100", to, protocol);

	return judge(&frame);
}

static void never_valid_destinations_are_dropped(void **state)
{
	static const char *const never[] = {"127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3"};
	static const char *const never6[] = {
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"};

	(void)state;
	for (int allow = 0; allow < 2; allow++) {
		rules.allow_host_loopback = allow;
		for (size_t i = 0; i < ARRAY_SIZE(never); i++)
			assert_int_equal(judge4(never[i], TCP), PACKET_DROP);
		for (size_t i = 0; i < ARRAY_SIZE(never6); i++)
			assert_int_equal(judge6(never6[i], UDP), PACKET_DROP);
	}
}

static void the_world_is_open(void **state)
{
	static const uint8_t protocols[] = {TCP, UDP, ICMP, ICMP6, 132, 44};

	(void)state;
	for (size_t i = 0; i < sizeof(protocols); i++) {
		assert_int_equal(judge4("10.0.3.2", protocols[i]), PACKET_PASS);
		assert_int_equal(judge4("192.0.2.1", protocols[i]), PACKET_PASS);
		assert_int_equal(judge6("2001:db8::1", protocols[i]), PACKET_PASS);
		assert_int_equal(judge6("fd00:0:0:1::2", protocols[i]), PACKET_PASS);
		assert_int_equal(judge6("ff02::2", protocols[i]), PACKET_PASS);
	}
}

static void all_is_open_when_allowed(void **state)
{
	(void)state;
	rules.allow_host_loopback = true;
	assert_int_equal(judge4("10.0.2.2", UDP), PACKET_PASS);
	assert_int_equal(judge4("255.255.255.255", UDP), PACKET_PASS);
	assert_int_equal(judge6("fd00::2", TCP), PACKET_PASS);
}

/* Both families; of TCP only what does not open a connection. */
static void tcp_to_the_gateway_must_not_open(void **state)
{
	static const struct {
		uint8_t flags;
		enum packet_verdict verdict;
	} cases[] = {{0, PACKET_PASS}, {ACK, PACKET_PASS}, {SYN | ACK, PACKET_PASS},
		{RST, PACKET_PASS}, {SYN, PACKET_REFUSE}, {SYN | 0x20 | 8, PACKET_REFUSE},
		{SYN | 0xc0, PACKET_REFUSE}, {SYN | RST, PACKET_DROP}, {SYN | 1, PACKET_DROP}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame v4 = make4("10.0.2.100", "10.0.2.2", TCP);
		struct frame v6 = make6("fd00::100", "fd00::2", TCP);

		payload_of(&v4)[13] = payload_of(&v6)[13] = cases[i].flags;
		assert_int_equal(judge(&v4), cases[i].verdict);
		assert_int_equal(judge(&v6), cases[i].verdict);
	}
}

static void udp_to_the_gateway_is_an_answer_or_nothing(void **state)
{
	struct frame v4 = make4("10.0.2.100", "10.0.2.2", UDP);
	struct frame v6 = make6("fd00::100", "fd00::2", UDP);
	struct packet_ports ports = {0};

	(void)state;
	assert_int_equal(packet_judge(&rules, v4.bytes, v4.len, &ports), PACKET_ANSWER);
	assert_false(ports.v6);
	assert_int_equal(ports.guest, 7000);
	assert_int_equal(ports.host, 9000);
	assert_int_equal(packet_judge(&rules, v6.bytes, v6.len, &ports), PACKET_ANSWER);
	assert_true(ports.v6);
	/* Not from an address that the published port does not lead to. */
	v4 = make4("10.0.2.101", "10.0.2.2", UDP);
	v6 = make6("fd00::101", "fd00::2", UDP);
	assert_int_equal(judge(&v4), PACKET_DROP);
	assert_int_equal(judge(&v6), PACKET_DROP);
}

static void other_names_of_the_host_are_dropped(void **state)
{
	static const char *const hosts[] = {
		"255.255.255.255", "10.0.2.255", "10.0.2.0", "10.0.2.4", "10.0.2.100"};
	static const char *const hosts6[] = {
		"fd00::", "fd00::4", "fd00::ffff:ffff:ffff:ffff", "ff02::1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		assert_int_equal(judge4(hosts[i], TCP), PACKET_DROP);
		assert_int_equal(judge4(hosts[i], UDP), PACKET_DROP);
		assert_int_equal(judge4(hosts[i], ICMP), PACKET_DROP);
	}
	for (size_t i = 0; i < ARRAY_SIZE(hosts6); i++) {
		assert_int_equal(judge6(hosts6[i], TCP), PACKET_DROP);
		assert_int_equal(judge6(hosts6[i], UDP), PACKET_DROP);
	}
}

static void other_protocols_to_the_gateway_are_dropped(void **state)
{
	static const uint8_t headers[] = {0, 43, 44, 50, 51, 60, 135, 139};

	(void)state;
	assert_int_equal(judge4("10.0.2.2", ICMP), PACKET_PASS);
	assert_int_equal(judge4("10.0.2.2", 132), PACKET_DROP);
	assert_int_equal(judge4("10.0.2.2", ICMP6), PACKET_DROP);
	for (size_t i = 0; i < sizeof(headers); i++)
		assert_int_equal(judge6("fd00::2", headers[i]), PACKET_DROP);
}

static void fragments_to_the_gateway_are_dropped(void **state)
{
	static const struct {
		uint8_t high, low;
		enum packet_verdict verdict;
	} cases[] = {{0x40, 0, PACKET_ANSWER}, {0x20, 0, PACKET_DROP}, {0, 1, PACKET_DROP},
		{0x1f, 0xff, PACKET_DROP}, {0x80, 0, PACKET_DROP}, {0x60, 0, PACKET_DROP}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame frame = make4("10.0.2.100", "10.0.2.2", UDP);

		frame.bytes[14 + 6] = cases[i].high;
		frame.bytes[14 + 7] = cases[i].low;
		assert_int_equal(judge(&frame), cases[i].verdict);
	}
}

static void the_name_server_takes_dns(void **state)
{
	struct frame v4 = make4("10.0.2.7", "10.0.2.3", UDP);
	struct frame v6 = make6("fd00::100", "fd00::3", TCP);

	(void)state;
	assert_int_equal(judge(&v4), PACKET_DROP);
	assert_int_equal(judge(&v6), PACKET_DROP);
	set_ports(&v4, 5000, 53);
	set_ports(&v6, 5000, 53);
	payload_of(&v6)[13] = SYN;
	assert_int_equal(judge(&v4), PACKET_PASS);
	assert_int_equal(judge(&v6), PACKET_PASS);
	v4.bytes[14 + 9] = 132;
	assert_int_equal(judge(&v4), PACKET_DROP);
	v4.bytes[14 + 9] = UDP;
	v4.bytes[14 + 6] = 0x20;
	assert_int_equal(judge(&v4), PACKET_DROP);
}

/* The ports lie behind the options; a SYN must not hide there. */
static void options_move_the_ports(void **state)
{
	struct frame frame = make4("10.0.2.100", "10.0.2.2", TCP);
	uint8_t *ip = frame.bytes + 14;

	(void)state;
	ip[0] = 0x4a;
	ip[20 + 13] = SYN;
	assert_int_equal(judge(&frame), PACKET_PASS);
	ip[20 + 13] = 0;
	ip[40 + 13] = SYN;
	assert_int_equal(judge(&frame), PACKET_REFUSE);
	/* No room for a TCP header behind them. */
	ip[0] = 0x4b;
	assert_int_equal(judge(&frame), PACKET_DROP);
	ip[0] = 0x4f;
	assert_int_equal(judge(&frame), PACKET_DROP);
	ip[0] = 0x44;
	assert_int_equal(judge(&frame), PACKET_DROP);
	ip[0] = 0x65;
	assert_int_equal(judge(&frame), PACKET_DROP);
}

static void what_is_cut_off_is_dropped(void **state)
{
	struct frame v4 = make4("10.0.2.100", "10.0.2.2", TCP);
	struct frame v6 = make6("fd00::100", "fd00::2", TCP);

	(void)state;
	for (size_t len = 0; len < 14 + 60; len++) {
		v4.len = len;
		assert_int_equal(judge(&v4), PACKET_DROP);
	}
	for (size_t len = 0; len < 14 + 80; len++) {
		v6.len = len;
		assert_int_equal(judge(&v6), PACKET_DROP);
	}
	/* What the length field leaves out is not looked at, though it is in the frame. */
	v4.len = v6.len = 14 + 100;
	assert_int_equal(judge(&v4), PACKET_PASS);
	v4.bytes[14 + 3] = 39;
	v6.bytes[14 + 5] = 19;
	assert_int_equal(judge(&v4), PACKET_DROP);
	assert_int_equal(judge(&v6), PACKET_DROP);
}

static void neighbours_are_found(void **state)
{
	struct frame frame = make6("fe80::1", "ff02::1:ff00:2", ICMP6);
	struct frame to_all = make6("fe80::1", "ff02::1", ICMP6);
	struct frame ping = make6("fd00::100", "fd00::2", ICMP6);
	struct frame arp = {.len = 14 + 28};

	(void)state;
	payload_of(&frame)[0] = payload_of(&to_all)[0] = 135;
	payload_of(&ping)[0] = 128;
	assert_int_equal(judge(&frame), PACKET_PASS);
	assert_int_equal(judge(&to_all), PACKET_PASS);
	assert_int_equal(judge(&ping), PACKET_PASS);
	payload_of(&to_all)[0] = 128;
	assert_int_equal(judge(&to_all), PACKET_DROP);
	inet_pton(AF_INET6, "fd00::9", ping.bytes + 14 + 24);
	assert_int_equal(judge(&ping), PACKET_DROP);
	arp.bytes[12] = 0x08;
	arp.bytes[13] = 0x06;
	assert_int_equal(judge(&arp), PACKET_PASS);
	arp.bytes[13] = 0x07;
	assert_int_equal(judge(&arp), PACKET_DROP);
}

static bool is_question(const struct frame *frame, struct packet_ports *ret)
{
	return packet_is_question(&rules, frame->bytes, frame->len, ret);
}

static void questions_are_datagrams_of_the_gateway(void **state)
{
	struct frame v4 = make4("10.0.2.2", "10.0.2.100", UDP);
	struct frame v6 = make6("fd00::2", "fd00::100", UDP);
	struct packet_ports ports;

	(void)state;
	assert_true(is_question(&v6, &ports));
	assert_true(ports.v6);
	assert_true(is_question(&v4, &ports));
	assert_false(ports.v6);
	assert_int_equal(ports.host, 7000);
	assert_int_equal(ports.guest, 9000);
	v4.bytes[14 + 6] = 0x20;
	assert_true(is_question(&v4, &ports));
	v4.bytes[14 + 7] = 1;
	assert_false(is_question(&v4, &ports));
	v4 = make4("10.0.2.2", "10.0.2.100", TCP);
	assert_false(is_question(&v4, &ports));
	v4 = make4("192.0.2.1", "10.0.2.100", UDP);
	assert_false(is_question(&v4, &ports));
	v6.len = 60;
	assert_false(is_question(&v6, &ports));
}

static void who_spoke_is_known_for_a_while(void **state)
{
	static struct peers peers;
	const struct packet_ports ports = {.host = 40000, .guest = 9};
	const struct packet_ports other = {.host = 40001, .guest = 9};
	const struct packet_ports from_other = {.host = 40000, .guest = 10};
	const struct packet_ports other_family = {.host = 40000, .guest = 9, .v6 = true};
	int64_t now = 1000000;

	(void)state;
	assert_false(peers_know(&peers, &ports, now));
	peers_note(&peers, &ports, now);
	assert_true(peers_know(&peers, &ports, now));
	assert_false(peers_know(&peers, &other, now));
	assert_false(peers_know(&peers, &from_other, now));
	assert_false(peers_know(&peers, &other_family, now));
	now += PEERS_TURN_MS;
	assert_true(peers_know(&peers, &ports, now));
	now += PEERS_TURN_MS;
	assert_false(peers_know(&peers, &ports, now));
	peers_note(&peers, &ports, now);
	now += 2 * PEERS_TURN_MS;
	assert_false(peers_know(&peers, &ports, now));
}

/* One's complement sum of 16-bit words; 0xffff over data with a right checksum. */
static unsigned sum_of(const uint8_t *data, size_t len, unsigned sum)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (unsigned)data[i] << 8 | data[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void refusals_come_from_who_was_asked(void **state)
{
	struct frame v4 = make4("10.0.2.100", "10.0.2.2", TCP);
	uint8_t answer[REFUSAL_MAX];
	size_t size = refusal_write(v4.bytes, v4.len, answer);

	(void)state;
	assert_int_equal(size, 14 + 20 + 8 + 28);
	assert_memory_equal(answer, v4.bytes + 6, 6);
	assert_memory_equal(answer + 6, v4.bytes, 6);
	assert_memory_equal(answer + 14 + 12, &rules.gateway, 4);
	assert_memory_equal(answer + 14 + 16, &rules.guest, 4);
	assert_int_equal(sum_of(answer + 14, 20, 0), 0xffff);
	assert_int_equal(answer[34], 3);
	assert_int_equal(answer[35], 13);
	assert_int_equal(sum_of(answer + 34, 8 + 28, 0), 0xffff);
	assert_memory_equal(answer + 42, v4.bytes + 14, 28);
	/* With the most options there are. */
	v4.bytes[14] = 0x4f;
	assert_int_equal(refusal_write(v4.bytes, 14 + 67, answer), 0);
	assert_int_equal(refusal_write(v4.bytes, 14 + 68, answer), 14 + 20 + 8 + 68);
	assert_int_equal(refusal_write(v4.bytes, 13, answer), 0);
}

static void refusals_of_ipv6_have_a_pseudo_header(void **state)
{
	struct frame v6 = make6("fd00::100", "fd00::2", UDP);
	uint8_t answer[REFUSAL_MAX];
	size_t size = refusal_write(v6.bytes, v6.len, answer);

	(void)state;
	assert_int_equal(size, 14 + 40 + 8 + 48);
	assert_memory_equal(answer + 14 + 8, &rules.gateway6, 16);
	assert_memory_equal(answer + 14 + 24, &rules.guest6, 16);
	assert_int_equal(answer[54], 1);
	assert_int_equal(answer[55], 1);
	assert_int_equal(sum_of(answer + 22, 32 + 8 + 48, ICMP6 + 8 + 48), 0xffff);
	assert_int_equal(refusal_write(v6.bytes, 14 + 47, answer), 0);
}

/* Puts the checksums of a frame of make4() or make6() right. */
static void sum_up(struct frame *frame, size_t header_len, unsigned udp_len)
{
	uint8_t *ip = frame->bytes + 14, *udp = ip + header_len;
	size_t addresses = header_len == 20 ? 12 : 8;
	unsigned sum;

	if (header_len == 20) {
		sum = sum_of(ip, 20, 0) ^ 0xffff;
		ip[10] = (uint8_t)(sum >> 8);
		ip[11] = (uint8_t)sum;
	}
	sum = sum_of(ip + addresses, header_len - addresses, UDP + udp_len);
	sum = sum_of(udp, udp_len, sum) ^ 0xffff;
	udp[6] = (uint8_t)(sum >> 8);
	udp[7] = (uint8_t)sum;
}

static void datagrams_from_loopback_are_mended(void **state)
{
	struct frame v4 = make4("127.0.0.1", "10.0.2.100", UDP);
	struct frame v6 = make6("::1", "fd00::100", UDP);
	uint8_t mended[sizeof(v4.bytes)] = {0};

	(void)state;
	sum_up(&v4, 20, 40);
	sum_up(&v6, 40, 40);
	assert_true(mend_source(&rules, v4.bytes, v4.len, mended));
	assert_memory_equal(mended + 26, &rules.gateway, 4);
	assert_memory_equal(mended + 30, v4.bytes + 30, 10);
	assert_int_equal(sum_of(mended + 14, 20, 0), 0xffff);
	assert_int_equal(sum_of(mended + 26, 8 + 40, UDP + 40), 0xffff);
	assert_true(mend_source(&rules, v6.bytes, v6.len, mended));
	assert_memory_equal(mended + 22, &rules.gateway6, 16);
	assert_int_equal(sum_of(mended + 22, 32 + 40, UDP + 40), 0xffff);
	/* A datagram may have no checksum, and does not get one. */
	v4.bytes[34 + 6] = v4.bytes[34 + 7] = 0;
	assert_true(mend_source(&rules, v4.bytes, v4.len, mended));
	assert_int_equal(mended[34 + 6] | mended[34 + 7], 0);
	/* Behind the first fragment there is none. */
	v4.bytes[34 + 6] = 0x12;
	v4.bytes[14 + 7] = 1;
	assert_true(mend_source(&rules, v4.bytes, v4.len, mended));
	assert_memory_equal(mended + 34, v4.bytes + 34, 40);
	assert_int_equal(mend_source(&rules, v4.bytes, 40, mended), false);
}

static void other_datagrams_stay_as_they_are(void **state)
{
	static const char *const sources[] = {"10.0.2.2", "192.0.2.1", "127.0.0.2"};
	struct frame tcp = make4("127.0.0.1", "10.0.2.100", TCP);
	struct frame v6 = make6("fd00::2", "fd00::100", UDP);
	uint8_t mended[sizeof(tcp.bytes)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		struct frame v4 = make4(sources[i], "10.0.2.100", UDP);

		assert_false(mend_source(&rules, v4.bytes, v4.len, mended));
	}
	assert_false(mend_source(&rules, tcp.bytes, tcp.len, mended));
	assert_false(mend_source(&rules, v6.bytes, v6.len, mended));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(never_valid_destinations_are_dropped, make_rules),
		cmocka_unit_test_setup(the_world_is_open, make_rules),
		cmocka_unit_test_setup(all_is_open_when_allowed, make_rules),
		cmocka_unit_test_setup(tcp_to_the_gateway_must_not_open, make_rules),
		cmocka_unit_test_setup(udp_to_the_gateway_is_an_answer_or_nothing, make_rules),
		cmocka_unit_test_setup(other_names_of_the_host_are_dropped, make_rules),
		cmocka_unit_test_setup(other_protocols_to_the_gateway_are_dropped, make_rules),
		cmocka_unit_test_setup(fragments_to_the_gateway_are_dropped, make_rules),
		cmocka_unit_test_setup(the_name_server_takes_dns, make_rules),
		cmocka_unit_test_setup(options_move_the_ports, make_rules),
		cmocka_unit_test_setup(what_is_cut_off_is_dropped, make_rules),
		cmocka_unit_test_setup(neighbours_are_found, make_rules),
		cmocka_unit_test_setup(questions_are_datagrams_of_the_gateway, make_rules),
		cmocka_unit_test_setup(who_spoke_is_known_for_a_while, make_rules),
		cmocka_unit_test_setup(refusals_come_from_who_was_asked, make_rules),
		cmocka_unit_test_setup(refusals_of_ipv6_have_a_pseudo_header, make_rules),
		cmocka_unit_test_setup(datagrams_from_loopback_are_mended, make_rules),
		cmocka_unit_test_setup(other_datagrams_stay_as_they_are, make_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
