/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <sys/socket.h>

#include "base/str.h"

#define TABLE "inet coracle"

/*
 * Base chains are emptied and filled in the same transaction, so that no packet sees them empty.
 * What is forwarded goes through a chain of the bridge it comes from and one of that it goes to.
 */
static const char base[] =
	"add table " TABLE "\n"
	"add set " TABLE " bridges { type ifname; }\n"
	"add set " TABLE " masquerade4 { type ipv4_addr; flags interval; }\n"
	"add set " TABLE " masquerade6 { type ipv6_addr; flags interval; }\n"
	"add map " TABLE " from { type ifname : verdict; }\n"
	"add map " TABLE " to { type ifname : verdict; }\n"
	"add chain " TABLE " forward { type filter hook forward priority 0; policy accept; }\n"
	"flush chain " TABLE " forward\n"
	"add rule " TABLE " forward iifname vmap @from\n"
	"add rule " TABLE " forward oifname vmap @to\n"
	"add chain " TABLE
	" postrouting { type nat hook postrouting priority 100; policy accept; }\n"
	"flush chain " TABLE " postrouting\n"
	/* From one bridge to another the sender stays who it is. */
	"add rule " TABLE " postrouting oifname @bridges return\n"
	"add rule " TABLE " postrouting ip saddr @masquerade4 ip daddr != 224.0.0.0/4 masquerade\n"
	"add rule " TABLE " postrouting ip6 saddr @masquerade6 ip6 daddr != ff00::/8 masquerade\n";

bool rules_are_needed(const struct bridge_config *config)
{
	return config->masquerade || config->isolate || config->internal;
}

/* A chain for each direction; the bridge's own traffic does not leave it, and is not looked at. */
static void add_chains(struct strbuf *text, const struct bridge_config *config)
{
	const char *br = config->bridge;
	/* Of the other end: any, or that of another bridge. */
	const char *in = config->internal ? "" : "iifname @bridges ";
	const char *out = config->internal ? "" : "oifname @bridges ";

	strbuf_addf(text, "add chain " TABLE " from-%s\nflush chain " TABLE " from-%s\n", br, br);
	strbuf_addf(text, "add chain " TABLE " to-%s\nflush chain " TABLE " to-%s\n", br, br);
	if (config->internal || config->isolate) {
		strbuf_addf(
			text, "add rule " TABLE " from-%s %soifname != \"%s\" drop\n", br, out, br);
		strbuf_addf(
			text, "add rule " TABLE " to-%s %siifname != \"%s\" drop\n", br, in, br);
	}
	strbuf_addf(text, "add element " TABLE " from { \"%s\" : jump from-%s }\n", br, br);
	strbuf_addf(text, "add element " TABLE " to { \"%s\" : jump to-%s }\n", br, br);
	strbuf_addf(text, "add element " TABLE " bridges { \"%s\" }\n", br);
}

static void masquerade(struct strbuf *text, const struct ip_network *network)
{
	char base_text[IP_TEXT_SIZE];

	ip_address_format(&network->base, base_text);
	strbuf_addf(text, "add element " TABLE " masquerade%s { %s/%u }\n",
		network->base.family == AF_INET ? "4" : "6", base_text, network->prefix);
}

char *rules_for_bridge(
	const struct bridge_config *config, const struct ip_network *networks, size_t count)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, base);
	add_chains(&text, config);
	for (size_t i = 0; config->masquerade && i < count; i++)
		masquerade(&text, &networks[i]);
	return strbuf_take(&text);
}
