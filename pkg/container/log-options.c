/* SPDX-License-Identifier: Apache-2.0 */
#include "container/log-options.h"

#include <errno.h>

/* Of docker's and podman's drivers; scripts give them to whatever tool there is. */
static const char *const ignored[] = {"compress", "env", "env-regex", "labels", "labels-regex",
	"max-buffer-size", "max-file", "mode"};

static int parse_size(const char *text, uint64_t *ret, struct error *err)
{
	if (str_eq(text, "-1"))
		*ret = 0;
	else if (str_to_size(text, ret) < 0)
		return error_set(err, EINVAL, "invalid size: '%s'", text);
	return 0;
}

static int parse_one(const struct strmap_item *item, struct log_options *ret, struct error *err)
{
	if (str_eq(item->key, "max-size"))
		return parse_size(item->value, &ret->max_size_bytes, err);
	if (str_eq(item->key, "tag")) {
		ret->tag = item->value;
		return 0;
	}
	if (str_eq(item->key, "path")) {
		ret->path = item->value;
		if (*item->value == '/' && !str_has_suffix(item->value, "/"))
			return 0;
		return error_set(err, EINVAL, "log option path: \"%s\" is not the path of a file",
			item->value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++) {
		if (str_eq(item->key, ignored[i]))
			return 0;
	}
	return error_set(
		err, EINVAL, "log option \"%s\" is not one of max-size, path, tag", item->key);
}

int log_options_parse(const struct strmap *given, struct log_options *ret, struct error *err)
{
	struct log_options options = {0};

	for (size_t i = 0; i < given->count; i++) {
		int r = parse_one(&given->items[i], &options, err);

		if (r < 0)
			return r;
	}
	*ret = options;
	return 0;
}

int log_driver_check(const char *driver, struct error *err)
{
	static const char *const known[] = {"k8s-file", "json-file", "journald", "none"};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (str_eq(driver, known[i]))
			return 0;
	}
	return error_set(err, EINVAL,
		"log driver \"%s\" is not one of k8s-file, json-file, journald, none: invalid log "
		"driver",
		driver);
}
