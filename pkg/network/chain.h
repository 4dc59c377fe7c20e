/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_CHAIN_H
#define NETWORK_CHAIN_H

#include "cni/invoke.h"
#include "network/record.h"

/* struct chain - a list of plugins and whom they serve (CNI spec 1.1, section 3). All borrowed. */
struct chain {
	const struct cni_list *list;
	const struct network_record *record;
	char *const *plugin_dirs;
	const char *netns;        /* NULL: gone */
	const int *host_netns_fd; /* NULL: plugins run where we are */
	unsigned timeout_ms;
};

/* Starts plugin number @index with @command; @prev is its prevResult, or NULL. */
int chain_start(const struct chain *chain, enum cni_command command, size_t index,
	struct json_object *prev, struct plugin_run **ret, struct error *err);

/* Finishes a plugin that ran ADD; *@ret is its result, checked, owned by the caller. */
int chain_finish_add(struct plugin_run *run, struct json_object **ret, struct error *err);

/* DEL in reverse with the kept result; the first failure stops it, so that it can be repeated. */
int chain_del(const struct chain *chain, struct error *err);

/* DEL of every plugin in reverse whatever fails, after an ADD that failed. 0 when all succeeded. */
int chain_roll_back(const struct chain *chain);

/* CHECK in order. */
int chain_check(const struct chain *chain, struct error *err);

/* STATUS of each plugin, in order. */
int chain_status(const struct chain *chain, struct error *err);

/* GC of each plugin: @valid is the list for "cni.dev/valid-attachments". The first error is kept.
 */
int chain_gc(const struct chain *chain, struct json_object *valid, struct error *err);

#endif
