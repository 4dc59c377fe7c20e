/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_INVOKE_H
#define CNI_INVOKE_H

#include "base/error.h"
#include "cni/request.h"

/* struct plugin_call - what one run of a plugin is told. All borrowed. */
struct plugin_call {
	enum cni_command command;
	const char *type;         /* of the plugin */
	const char *container_id; /* NULL: not set */
	const char *netns;        /* NULL: not set */
	const char *ifname;       /* NULL: not set */
	const char *args;         /* CNI_ARGS; NULL: not set */
	char *const *plugin_dirs; /* searched in order, and CNI_PATH */
	const int *host_netns_fd; /* that plays the host's part; NULL: the one we are in */
	unsigned timeout_ms;
};

/* struct plugin_run - a plugin at work. */
struct plugin_run;

/*
 * plugin_start - find the executable and start it with @input (a JSON document).
 * Returns 0; -ENOENT when no directory has the plugin, with a text that names them.
 */
int plugin_start(const struct plugin_call *call, const char *input, struct plugin_run **ret,
	struct error *err);

/*
 * plugin_finish - wait for the end and read the answer. Frees @run in any case.
 * What the plugin's children still hold open is not waited for.
 * @ret_output: standard output, owned by the caller; may be NULL
 * Returns 0; -ETIME when it ran too long and was killed; else an errno for the plugin's error
 * code and its message as text.
 */
int plugin_finish(struct plugin_run *run, char **ret_output, struct error *err);

/* Kills the plugin and what it started in its session, waits, frees. NULL is harmless. */
void plugin_cancel(struct plugin_run *run);
DEFINE_AUTO(struct plugin_run *, plugin_cancel);

/*
 * plugin_delegate - run another plugin for what one of its own was asked: address management
 * (CNI spec 1.1, section 4). Environment and configuration are those of @request.
 * @type: of the plugin, searched in CNI_PATH
 * Returns as plugin_finish().
 */
int plugin_delegate(const struct cni_request *request, enum cni_command command, const char *type,
	char **ret_output, struct error *err);

#endif
