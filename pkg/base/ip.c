/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"

int ip_address_parse(const char *text, struct ip_address *ret, struct error *err)
{
	struct ip_address address = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};

	if (inet_pton(address.family, text, address.bytes) != 1)
		return error_set(err, EINVAL, "\"%s\" is not an IP address", text);
	*ret = address;
	return 0;
}

void ip_address_format(const struct ip_address *address, char ret[IP_TEXT_SIZE])
{
	if (!inet_ntop(address->family, address->bytes, ret, IP_TEXT_SIZE))
		ret[0] = '\0';
}

unsigned ip_address_bits(const struct ip_address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

int ip_address_compare(const struct ip_address *left, const struct ip_address *right)
{
	if (left->family != right->family)
		return left->family == AF_INET ? -1 : 1;
	return memcmp(left->bytes, right->bytes, sizeof(left->bytes));
}

struct ip_address ip_address_next(struct ip_address address)
{
	/* The carry goes from the last byte to the first. */
	for (unsigned i = ip_address_bits(&address) / 8; i-- > 0 && ++address.bytes[i] == 0;)
		;
	return address;
}

/* Bits of byte @i that are behind the prefix. */
static uint8_t host_mask(unsigned prefix, unsigned i)
{
	if (prefix >= (i + 1) * 8)
		return 0;
	return prefix <= i * 8 ? 0xff : (uint8_t)(0xff >> (prefix - i * 8));
}

static struct ip_address mask(struct ip_address address, unsigned prefix)
{
	for (unsigned i = 0; i < ip_address_bits(&address) / 8; i++)
		address.bytes[i] &= (uint8_t)~host_mask(prefix, i);
	return address;
}

int ip_network_parse(
	const char *text, struct ip_network *ret, struct ip_address *ret_address, struct error *err)
{
	const char *slash = strchr(text, '/');
	autofree char *head = slash ? xstrndup(text, (size_t)(slash - text)) : NULL;
	struct ip_address address;
	uint64_t prefix;

	if (!head || ip_address_parse(head, &address, NULL) < 0 ||
		str_to_u64(slash + 1, 10, &prefix) < 0 || prefix > ip_address_bits(&address))
		return error_set(err, EINVAL,
			"\"%s\" is not a network, which is an address, a slash and a number of "
			"bits",
			text);
	ret->base = mask(address, (unsigned)prefix);
	ret->prefix = (uint8_t)prefix;
	if (ret_address)
		*ret_address = address;
	else if (ip_address_compare(&address, &ret->base) != 0)
		return error_set(err, EINVAL,
			"\"%s\" is not a network: bits behind the first %u are set", text,
			ret->prefix);
	return 0;
}

bool ip_network_contains(const struct ip_network *network, const struct ip_address *address)
{
	struct ip_address base = mask(*address, network->prefix);

	return address->family == network->base.family &&
	       ip_address_compare(&base, &network->base) == 0;
}

bool ip_networks_overlap(const struct ip_network *left, const struct ip_network *right)
{
	return ip_network_contains(left, &right->base) || ip_network_contains(right, &left->base);
}

struct ip_address ip_network_last(const struct ip_network *network)
{
	struct ip_address last = network->base;

	for (unsigned i = 0; i < ip_address_bits(&last) / 8; i++)
		last.bytes[i] |= host_mask(network->prefix, i);
	return last;
}

void ip_network_hosts(
	const struct ip_network *network, struct ip_address *ret_first, struct ip_address *ret_last)
{
	unsigned bits = ip_address_bits(&network->base);

	*ret_first = network->base;
	*ret_last = ip_network_last(network);
	if (network->prefix + 2u > bits)
		return;
	/* The all-zero address is the network's or, in IPv6, that of any router. */
	*ret_first = ip_address_next(*ret_first);
	if (network->base.family == AF_INET)
		ret_last->bytes[3]--;
}
