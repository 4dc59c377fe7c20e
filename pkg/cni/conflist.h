/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_CONFLIST_H
#define CNI_CONFLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"

/* A configuration file is at most this large, and a list this long. */
#define CNI_MAX_CONFIG_BYTES (1U << 20)
#define CNI_MAX_PLUGINS 64

/* struct cni_plugin - one item of "plugins"; keys that we do not know are kept in @conf. */
struct cni_plugin {
	char *type;               /* name of the executable, no slash */
	char **capabilities;      /* those declared true */
	struct json_object *conf; /* the whole item */
};

/* struct cni_list - a network configuration list (CNI spec 1.1, section 1). */
struct cni_list {
	char *version; /* highest of cniVersion and cniVersions that we speak */
	char *name;
	bool disable_check;
	bool disable_gc;
	bool load_only_inlined; /* false: NAME/ *.conf beside the list are plugins, too */
	struct cni_plugin *plugins;
	size_t plugin_count;
};

/*
 * cni_list_parse - read a .conflist, or an old single .conf as a list of one.
 * @what: names the document in errors
 * Returns 0; -EBADMSG when malformed; -EPROTONOSUPPORT for a version that we do not speak.
 * On failure @ret is as before.
 */
int cni_list_parse(
	const char *text, size_t len, const char *what, struct cni_list *ret, struct error *err);

/* Appends one plugin object from a file beside the list. 0; -EBADMSG. */
int cni_list_append(
	struct cni_list *list, const char *text, size_t len, const char *what, struct error *err);

/* The list as an object that cni_list_parse() reads back; owned by the caller. */
struct json_object *cni_list_encode(const struct cni_list *list);

/* [A-Za-z0-9][A-Za-z0-9_.-]*: names of networks, container ids. */
bool cni_name_is_valid(const char *name);
/* An interface name the kernel takes: 1 to 15 bytes, no slash, colon or blank, not "." or "..". */
bool cni_ifname_is_valid(const char *name);
/* Versions this program speaks, oldest first, NULL-terminated; static. */
char *const *cni_versions(void);
bool cni_version_is_supported(const char *version);

void cni_list_release(struct cni_list *list);
static inline void auto_cni_list_release(struct cni_list *list)
{
	cni_list_release(list);
}

#endif
