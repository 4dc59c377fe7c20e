/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_NETWORK_H
#define NETWORK_NETWORK_H

#include "cni/result.h"
#include "network/choice.h"
#include "network/port.h"

#define NETWORK_PLUGIN_TIMEOUT_MS 30000

/* struct network_request - everything about one container's network. All borrowed. */
struct network_request {
	const struct network_choice *choice; /* host, container:, ns: and none run no plugin */
	const struct port_list *ports;       /* NULL: none; host port 0 is assigned */
	const char *container_id;
	const char *netns_path;   /* /proc/PID/ns/net; may be NULL to detach */
	const char *state_dir;    /* <runroot>/network, made when missing */
	char *const *plugin_dirs; /* NULL: network_plugin_dirs() */
	char *const *config_dirs; /* NULL: network_config_dirs() */
	const char *mac;          /* NULL: the plugin's choice */
	char *const *aliases;     /* names of the container; may be NULL */
	unsigned timeout_ms;      /* for one plugin; 0: NETWORK_PLUGIN_TIMEOUT_MS */
};

/* struct network_result - what the container got. Zeroed before use, released after. */
struct network_result {
	char **ips;         /* "10.0.2.100/24", IPv4 first as the plugins gave them */
	char *gateway;      /* of the first address; NULL: none */
	char **nameservers; /* what goes to resolv.conf */
	char **dns_search;
	char **dns_options;
	char *ifname; /* "eth0" or "tap0"; NULL when no plugin ran */
	char *mac;
	struct port_list ports; /* as published, with the port numbers that were assigned */
	char *json;             /* the CNI result, for inspect; NULL when no plugin ran */
};
extern const struct json_field network_result_fields[];
void network_result_release(struct network_result *result);
static inline void auto_network_result_release(struct network_result *result)
{
	network_result_release(result);
}

/* struct network_attachment - an ADD under way. */
struct network_attachment;

/*
 * network_attach_begin - start the first plugin of the chain and return while it runs.
 * The namespace must exist; its owner must not run programs in it yet.
 * Returns 0; negative errno when nothing was started.
 */
int network_attach_begin(
	const struct network_request *request, struct network_attachment **ret, struct error *err);

/*
 * network_attach_finish - wait for the plugin, run the rest of the chain, keep the result.
 * Frees @attachment in any case. After a failure everything that the plugins did was undone.
 * Returns 0; negative errno with the plugin's own words: -EADDRINUSE for a busy port,
 * -ENOENT for a missing plugin, -ETIME for one that hung.
 */
int network_attach_finish(
	struct network_attachment *attachment, struct network_result *ret, struct error *err);

/* Kills the running plugin, undoes what was done, frees. NULL is harmless. */
void network_attach_cancel(struct network_attachment *attachment);
DEFINE_AUTO(struct network_attachment *, network_attach_cancel);

/* Begin and finish in one. */
int network_attach(
	const struct network_request *request, struct network_result *ret, struct error *err);

/*
 * network_detach - undo network_attach(): DEL in reverse with the configuration and the result
 * kept at ADD. Success when nothing was attached; safe to repeat after a failure.
 */
int network_detach(const struct network_request *request, struct error *err);

/* CHECK in order; -ENOENT when nothing is attached. */
int network_check(const struct network_request *request, struct error *err);

/* STATUS of each plugin of the network; 0 ready; negative errno with the plugin's words. */
int network_status(const struct network_request *request, struct error *err);

/*
 * network_collect_garbage - DEL for every kept result whose container is not in @alive, then GC
 * of the built-in network with the attachments that remain. Errors are collected into one.
 */
int network_collect_garbage(
	const char *state_dir, char *const *alive, char *const *plugin_dirs, struct error *err);

/* Reads the kept result of a container; -ENOENT when nothing is attached. */
int network_result_load(const char *state_dir, const char *container_id, struct network_result *ret,
	struct error *err);

/* Where plugins are looked for: $CNI_PATH, ours, then the distribution's. Owned by the caller. */
char **network_plugin_dirs(void);
/* ~/.config/cni/net.d, /etc/cni/net.d; owned by the caller. */
char **network_config_dirs(void);

#endif
