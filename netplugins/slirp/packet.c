/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "header.h"

#define DNS_PORT 53

static unsigned get_u16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static enum packet_verdict judge_tcp(const struct payload *payload)
{
	uint8_t flags;

	if (payload->len < sizeof(struct tcphdr))
		return PACKET_DROP;
	flags = payload->data[13];
	if (!(flags & TH_SYN))
		return PACKET_PASS;
	/* With ACK it answers a SYN of the host, without one it is the first of a connection. */
	if (flags & TH_ACK)
		return PACKET_PASS;
	return flags & (TH_RST | TH_FIN) ? PACKET_DROP : PACKET_REFUSE;
}

static bool read_ports(const struct payload *payload, uint16_t *ret_from, uint16_t *ret_to)
{
	if (payload->len < sizeof(struct udphdr))
		return false;
	*ret_from = (uint16_t)get_u16(payload->data);
	*ret_to = (uint16_t)get_u16(payload->data + 2);
	return true;
}

static enum packet_verdict judge_udp(
	const struct payload *payload, bool v6, struct packet_ports *ret)
{
	ret->v6 = v6;
	return read_ports(payload, &ret->guest, &ret->host) ? PACKET_ANSWER : PACKET_DROP;
}

static enum packet_verdict judge_dns(const struct payload *payload, unsigned protocol)
{
	uint16_t from, to;

	/* TCP has its ports at the same place. */
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return PACKET_DROP;
	return read_ports(payload, &from, &to) && to == DNS_PORT ? PACKET_PASS : PACKET_DROP;
}

/* To an address of our network, or to everybody; of it only the gateway and the name server live.
 */
static enum packet_verdict judge_host4(const struct packet_rules *rules, const struct ip *ip,
	const struct payload *payload, struct packet_ports *ret)
{
	bool is_gateway = ip->ip_dst.s_addr == rules->gateway.s_addr;

	if (!is_gateway && ip->ip_dst.s_addr != rules->nameserver.s_addr)
		return PACKET_DROP;
	/* The stack answers pings itself. */
	if (ip->ip_p == IPPROTO_ICMP)
		return PACKET_PASS;
	if (!is_gateway)
		return judge_dns(payload, ip->ip_p);
	if (ip->ip_p == IPPROTO_TCP)
		return judge_tcp(payload);
	/* From another address it would not be of the socket that the question came from. */
	if (ip->ip_p == IPPROTO_UDP && ip->ip_src.s_addr == rules->guest.s_addr)
		return judge_udp(payload, false, ret);
	return PACKET_DROP;
}

static enum packet_verdict judge_ipv4(const struct packet_rules *rules, const uint8_t *frame,
	size_t len, struct packet_ports *ret)
{
	struct ip ip;
	struct payload payload;
	uint32_t to;

	if (!header_read_ipv4(frame, len, &ip, &payload))
		return PACKET_DROP;
	to = ntohl(ip.ip_dst.s_addr);
	/* What a fragment opens is known of the whole datagram only, see fragments.h. */
	if (ntohs(ip.ip_off) & ~IP_DF)
		return PACKET_DROP;
	if (to >> 24 == IN_LOOPBACKNET || to >> 24 == 0)
		return PACKET_DROP;
	if (rules->allow_host_loopback)
		return PACKET_PASS;
	/* libslirp takes the broadcast address for the host as well. */
	if (to != INADDR_BROADCAST &&
		(ip.ip_dst.s_addr & rules->netmask.s_addr) != rules->network.s_addr)
		return PACKET_PASS;
	return judge_host4(rules, &ip, &payload, ret);
}

/* Neighbour discovery goes to any address; the stack answers pings itself. */
static enum packet_verdict judge_icmp6(const struct payload *payload, bool is_alive)
{
	unsigned type;

	if (payload->len < sizeof(struct icmp6_hdr))
		return PACKET_DROP;
	type = payload->data[0];
	if (type >= ND_ROUTER_SOLICIT && type <= ND_REDIRECT)
		return PACKET_PASS;
	return is_alive ? PACKET_PASS : PACKET_DROP;
}

static enum packet_verdict judge_host6(const struct packet_rules *rules, const struct ip6_hdr *ip,
	const struct payload *payload, struct packet_ports *ret)
{
	bool is_gateway = IN6_ARE_ADDR_EQUAL(&ip->ip6_dst, &rules->gateway6);
	bool is_nameserver = IN6_ARE_ADDR_EQUAL(&ip->ip6_dst, &rules->nameserver6);

	/* Extension headers, fragments among them, are no protocol that we know. */
	if (ip->ip6_nxt == IPPROTO_ICMPV6)
		return judge_icmp6(payload, is_gateway || is_nameserver);
	if (is_nameserver)
		return judge_dns(payload, ip->ip6_nxt);
	if (!is_gateway)
		return PACKET_DROP;
	if (ip->ip6_nxt == IPPROTO_TCP)
		return judge_tcp(payload);
	if (ip->ip6_nxt == IPPROTO_UDP && IN6_ARE_ADDR_EQUAL(&ip->ip6_src, &rules->guest6))
		return judge_udp(payload, true, ret);
	return PACKET_DROP;
}

static enum packet_verdict judge_ipv6(const struct packet_rules *rules, const uint8_t *frame,
	size_t len, struct packet_ports *ret)
{
	static const uint8_t zeros[10];
	static const struct in6_addr all_nodes = {.s6_addr = {0xff, 0x02, [15] = 1}};
	struct ip6_hdr ip;
	struct payload payload;

	if (!header_read_ipv6(frame, len, &ip, &payload))
		return PACKET_DROP;
	/* ::, ::1, ::a.b.c.d and ::ffff:a.b.c.d all begin with ten zero bytes. */
	if (memcmp(&ip.ip6_dst, zeros, sizeof(zeros)) == 0)
		return PACKET_DROP;
	if (rules->allow_host_loopback)
		return PACKET_PASS;
	/* libslirp takes every address of our network, and all-nodes, for the host. */
	if (memcmp(&ip.ip6_dst, &rules->network6, 8) != 0 &&
		!IN6_ARE_ADDR_EQUAL(&ip.ip6_dst, &all_nodes))
		return PACKET_PASS;
	return judge_host6(rules, &ip, &payload, ret);
}

enum packet_verdict packet_judge(const struct packet_rules *rules, const uint8_t *frame, size_t len,
	struct packet_ports *ret)
{
	switch (header_ethertype(frame, len)) {
	case ETHERTYPE_ARP:
		return PACKET_PASS;
	case ETHERTYPE_IP:
		return judge_ipv4(rules, frame, len, ret);
	case ETHERTYPE_IPV6:
		return judge_ipv6(rules, frame, len, ret);
	default:
		return PACKET_DROP;
	}
}

static bool is_question4(const struct packet_rules *rules, const uint8_t *frame, size_t len,
	struct packet_ports *ret)
{
	struct payload payload;
	struct ip ip;

	if (!header_read_ipv4(frame, len, &ip, &payload) || ip.ip_p != IPPROTO_UDP ||
		ip.ip_src.s_addr != rules->gateway.s_addr)
		return false;
	/* Of a datagram in fragments the first has the ports. */
	if (ntohs(ip.ip_off) & IP_OFFMASK)
		return false;
	ret->v6 = false;
	return read_ports(&payload, &ret->host, &ret->guest);
}

static bool is_question6(const struct packet_rules *rules, const uint8_t *frame, size_t len,
	struct packet_ports *ret)
{
	struct payload payload;
	struct ip6_hdr ip;

	if (!header_read_ipv6(frame, len, &ip, &payload) || ip.ip6_nxt != IPPROTO_UDP ||
		!IN6_ARE_ADDR_EQUAL(&ip.ip6_src, &rules->gateway6))
		return false;
	ret->v6 = true;
	return read_ports(&payload, &ret->host, &ret->guest);
}

bool packet_is_question(const struct packet_rules *rules, const uint8_t *frame, size_t len,
	struct packet_ports *ret)
{
	switch (header_ethertype(frame, len)) {
	case ETHERTYPE_IP:
		return is_question4(rules, frame, len, ret);
	case ETHERTYPE_IPV6:
		return is_question6(rules, frame, len, ret);
	default:
		return false;
	}
}
