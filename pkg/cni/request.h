/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_REQUEST_H
#define CNI_REQUEST_H

#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "cni/conflist.h"

enum cni_command {
	CNI_COMMAND_NONE = 0,
	CNI_COMMAND_ADD,
	CNI_COMMAND_DEL,
	CNI_COMMAND_CHECK,
	CNI_COMMAND_GC,
	CNI_COMMAND_STATUS,
	CNI_COMMAND_VERSION,
};
/* "ADD" and so on; borrowed. */
const char *cni_command_name(enum cni_command command);

/*
 * cni_request_write - standard input for one plugin of a list (CNI spec 1.1, section 3).
 * @args:  values by capability ({"portMappings":[…]}); those that the plugin declares become
 *         its runtimeConfig. May be NULL.
 * @prev:  prevResult, may be NULL
 * @extra: further keys for the top level ("cni.dev/valid-attachments"), may be NULL
 * Returns text owned by the caller.
 */
char *cni_request_write(const struct cni_list *list, size_t plugin, struct json_object *args,
	struct json_object *prev, struct json_object *extra);

/* struct cni_request - what a plugin is asked to do (CNI spec 1.1, section 2). */
struct cni_request {
	enum cni_command command;
	char *container_id;
	char *netns;
	char *ifname;
	char *args;
	char *path;
	char *version;            /* of the configuration */
	char *name;               /* of the network */
	struct json_object *conf; /* the whole document */
};

/*
 * cni_request_parse - environment and standard input of a plugin.
 * Checks that what the command needs is there and that names are well-formed.
 * Returns 0; -EINVAL for the environment (code 4), -EBADMSG for the document (code 6),
 * -EPROTONOSUPPORT for the version (code 1). @ret_code is the CNI code of the failure.
 */
int cni_request_parse(char *const *env, const char *text, size_t len, struct cni_request *ret,
	unsigned *ret_code, struct error *err);

void cni_request_release(struct cni_request *request);
static inline void auto_cni_request_release(struct cni_request *request)
{
	cni_request_release(request);
}

#endif
