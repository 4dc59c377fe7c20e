/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <regex.h>

#include "ps-row.h"

/* Each returns 1 for a match, 0 for none, -EINVAL. */
struct filter {
	const char *key;
	int (*matches)(const struct engine_ps_row *row, const char *value, struct error *err);
};

static int match_id(const struct engine_ps_row *row, const char *value, struct error *err)
{
	(void)err;
	return str_after(row->id, value) != NULL;
}

static int match_name(const struct engine_ps_row *row, const char *value, struct error *err)
{
	regex_t regex;
	int r;

	if (regcomp(&regex, value, REG_EXTENDED | REG_NOSUB) != 0)
		return error_set(err, EINVAL, "filter name: bad regular expression \"%s\"", value);
	r = regexec(&regex, row->name ? row->name : "", 0, NULL, 0) == 0;
	regfree(&regex);
	return r;
}

static int match_status(const struct engine_ps_row *row, const char *value, struct error *err)
{
	(void)err;
	return str_eq(row->error ? "unknown" : row->state, value);
}

static int match_exited(const struct engine_ps_row *row, const char *value, struct error *err)
{
	int64_t code;

	if (str_to_i64(value, &code) < 0)
		return error_set(err, EINVAL, "filter exited: \"%s\" is not a number", value);
	return str_eq(row->state, "exited") && row->exit_code == code;
}

static int match_ancestor(const struct engine_ps_row *row, const char *value, struct error *err)
{
	autofree char *with_tag = NULL;
	const char *slash = row->image ? strrchr(row->image, '/') : NULL;
	const char *last = slash ? slash + 1 : row->image;

	(void)err;
	with_tag = strchr(value, ':') ? xstrdup(value) : xasprintf("%s:latest", value);
	return str_eq(row->image, value) || str_eq(row->image, with_tag) ||
	       str_eq(last, with_tag) ||
	       (strlen(value) >= 6 && row->image_id && str_after(row->image_id, value));
}

/* True for "key" when the label exists, for "key=value" when it has that value. */
static int match_label(const struct engine_ps_row *row, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	autofree char *key = equals ? xstrndup(value, (size_t)(equals - value)) : xstrdup(value);
	const char *found = strmap_get(&row->labels, key);

	(void)err;
	return found && (!equals || str_eq(found, equals + 1));
}

static int match_volume(const struct engine_ps_row *row, const char *value, struct error *err)
{
	(void)err;
	return strv_has(row->volumes, value) || strv_has(row->mounts, value);
}

static int match_network(const struct engine_ps_row *row, const char *value, struct error *err)
{
	(void)err;
	return strv_has(row->networks, value);
}

static const struct filter filters[] = {
	{"id", match_id},
	{"name", match_name},
	{"status", match_status},
	{"exited", match_exited},
	{"ancestor", match_ancestor},
	{"label", match_label},
	{"volume", match_volume},
	{"network", match_network},
};

static const struct filter *find_filter(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		if (strlen(filters[i].key) == len && strncmp(filters[i].key, text, len) == 0)
			return &filters[i];
	}
	return NULL;
}

/* One key: does any of its values match? */
static int match_key(
	const struct engine_ps_row *row, char *const *list, const char *first, struct error *err)
{
	size_t len = strcspn(first, "=");
	const struct filter *filter = find_filter(first, len);

	if (!filter || first[len] != '=')
		return error_set(err, EINVAL,
			"\"%s\" is not a filter of ps (those are id, name, "
			"status, exited, ancestor, label, volume, network, each with =VALUE)",
			first);
	for (size_t i = 0; list[i]; i++) {
		int r;

		if (strncmp(list[i], first, len + 1) != 0)
			continue;
		r = filter->matches(row, list[i] + len + 1, err);
		if (r != 0)
			return r;
	}
	return 0;
}

int ps_row_matches(const struct engine_ps_row *row, char *const *list, struct error *err)
{
	for (size_t i = 0; list && list[i]; i++) {
		int r = match_key(row, list, list[i], err);

		if (r <= 0)
			return r;
	}
	return 1;
}
