/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_PLUGIN_H
#define CNI_PLUGIN_H

#include <stdbool.h>

#include "cni/request.h"

/*
 * One command of a plugin, checked and parsed (CNI spec 1.1, section 2).
 * @ret_output: what goes to standard output, owned by the caller; may be left NULL
 * Returns 0 or negative errno, which becomes the code of the error object (cni_code_of_errno()).
 */
typedef int cni_command_fn(const struct cni_request *request, char **ret_output, struct error *err);

/* VERSION is answered by cni_plugin_main(); a command that is NULL does nothing, successfully. */
struct cni_commands {
	cni_command_fn *add, *del, *check, *gc, *status;
};

/* The whole of main(): environment and standard input, the command, its result or error object. */
int cni_plugin_main(const struct cni_commands *commands);

/* struct cni_attachment - who may stay at GC: one of "cni.dev/valid-attachments". */
struct cni_attachment {
	char *container_id;
	char *ifname;
};
struct cni_attachments {
	struct cni_attachment *items;
	size_t count;
};
/* -EBADMSG when the configuration has none that can be read; an absent list is an empty one. */
int cni_attachments_parse(
	const struct cni_request *request, struct cni_attachments *ret, struct error *err);
bool cni_attachments_have(
	const struct cni_attachments *list, const char *container_id, const char *ifname);
void cni_attachments_release(struct cni_attachments *list);
static inline void auto_cni_attachments_release(struct cni_attachments *list)
{
	cni_attachments_release(list);
}

#endif
