/* SPDX-License-Identifier: Apache-2.0 */
#include "ps-filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <string.h>

#include "container/container.h"
#include "time-arg.h"

struct condition;
struct key {
	const char *name;
	/* Each may be NULL. Reads condition->value; 0 or a negative errno. */
	int (*read)(struct condition *condition, const struct engine_ps *list, struct error *err);
	bool (*matches)(const struct condition *condition, const struct engine_ps_row *row);
	bool needs_all; /* of several values all have to match */
};

struct condition {
	const struct key *key;
	const char *value;
	int64_t number; /* as the key reads it: an exit code, a moment */
	bool has_regex;
	regex_t regex;
};

struct ps_filter {
	struct condition *items;
	size_t count;
};

/* ---- id, name, command ---- */

static int read_regex(struct condition *condition, const struct engine_ps *list, struct error *err)
{
	(void)list;
	if (regcomp(&condition->regex, condition->value, REG_EXTENDED | REG_NOSUB) != 0)
		return error_set(err, EINVAL, "filter %s: bad regular expression \"%s\"",
			condition->key->name, condition->value);
	condition->has_regex = true;
	return 0;
}

static bool matches_regex(const struct condition *condition, const char *text)
{
	return regexec(&condition->regex, text ? text : "", 0, NULL, 0) == 0;
}

/* What can be the beginning of an id is meant to be one. */
static int read_id(struct condition *condition, const struct engine_ps *list, struct error *err)
{
	if (strspn(condition->value, "0123456789abcdef") == strlen(condition->value))
		return 0;
	return read_regex(condition, list, err);
}

static bool match_id(const struct condition *condition, const struct engine_ps_row *row)
{
	return condition->has_regex ? matches_regex(condition, row->id)
				    : str_after(row->id, condition->value) != NULL;
}

static bool match_name(const struct condition *condition, const struct engine_ps_row *row)
{
	return matches_regex(condition, row->name);
}

static bool match_command(const struct condition *condition, const struct engine_ps_row *row)
{
	return matches_regex(condition, row->command ? row->command[0] : NULL);
}

/* ---- state ---- */

static int read_status(struct condition *condition, const struct engine_ps *list, struct error *err)
{
	(void)list;
	if (str_eq(condition->value, "stopped") || str_eq(condition->value, "unknown") ||
		str_eq(condition->value, "paused"))
		return 0;
	for (unsigned i = 0; i < CONTAINER_STATUS_COUNT; i++) {
		if (str_eq(condition->value, container_status_name((enum container_status)i)))
			return 0;
	}
	return error_set(
		err, EINVAL, "unknown container state: %s: invalid argument", condition->value);
}

static bool match_status(const struct condition *condition, const struct engine_ps_row *row)
{
	/* podman's name for those that have ended, before somebody looks. */
	const char *value = str_eq(condition->value, "stopped") ? "exited" : condition->value;

	return str_eq(row->error ? "unknown" : row->state, value);
}

static int read_exited(struct condition *condition, const struct engine_ps *list, struct error *err)
{
	(void)list;
	if (str_to_i64(condition->value, &condition->number) < 0)
		return error_set(
			err, EINVAL, "filter exited: \"%s\" is not an exit code", condition->value);
	return 0;
}

static bool match_exited(const struct condition *condition, const struct engine_ps_row *row)
{
	return str_eq(row->state, "exited") && row->exit_code == condition->number;
}

static bool match_health(const struct condition *condition, const struct engine_ps_row *row)
{
	return str_eq(row->health ? row->health : "none", condition->value);
}

static int read_policy(struct condition *condition, const struct engine_ps *list, struct error *err)
{
	static const char *const policies[] = {"no", "always", "on-failure", "unless-stopped"};

	(void)list;
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		if (str_eq(condition->value, policies[i]))
			return 0;
	}
	return error_set(err, EINVAL, "%s invalid restart policy", condition->value);
}

static bool match_policy(const struct condition *condition, const struct engine_ps_row *row)
{
	const char *policy = str_is_empty(row->restart_policy) ? "no" : row->restart_policy;

	return str_eq(policy, condition->value);
}

/* ---- what it was made of ---- */

static bool match_ancestor(const struct condition *condition, const struct engine_ps_row *row)
{
	const char *value = condition->value;
	const char *slash = row->image ? strrchr(row->image, '/') : NULL;
	const char *last = slash ? slash + 1 : row->image;
	const char *value_slash = strrchr(value, '/');
	bool has_tag = strpbrk(value_slash ? value_slash : value, ":@") != NULL;
	autofree char *with_tag = has_tag ? xstrdup(value) : xasprintf("%s:latest", value);

	return str_eq(row->image, value) || str_eq(row->image, with_tag) ||
	       str_eq(last, with_tag) ||
	       (strlen(value) >= 6 && row->image_id && str_after(row->image_id, value));
}

/* The key of a label may have stars, as in podman: then it has to hold what the pattern says. */
static bool is_label_key(const char *wanted, const char *key)
{
	autofree char *pattern = NULL;

	if (!strchr(wanted, '*'))
		return str_eq(wanted, key);
	pattern = xasprintf("*%s*", wanted);
	return fnmatch(pattern, key, FNM_NOESCAPE) == 0;
}

/* True for "key" when the label exists, for "key=value" when it has that value. */
static bool match_label(const struct condition *condition, const struct engine_ps_row *row)
{
	const char *equals = strchr(condition->value, '=');
	autofree char *key =
		equals ? xstrndup(condition->value, (size_t)(equals - condition->value))
		       : xstrdup(condition->value);

	for (size_t i = 0; i < row->labels.count; i++) {
		const struct strmap_item *label = &row->labels.items[i];

		if (is_label_key(key, label->key) &&
			(!equals || !equals[1] || str_eq(label->value, equals + 1)))
			return true;
	}
	return false;
}

static bool match_no_label(const struct condition *condition, const struct engine_ps_row *row)
{
	return !match_label(condition, row);
}

/* A volume, a path on the host, a directory in the container, or SOURCE:DIRECTORY. */
static bool match_volume(const struct condition *condition, const struct engine_ps_row *row)
{
	for (size_t i = 0; row->mounts && row->mounts[i]; i++) {
		const char *source =
			row->mount_sources && row->mount_sources[i] ? row->mount_sources[i] : "";
		autofree char *both = xasprintf("%s:%s", source, row->mounts[i]);

		if (str_eq(condition->value, source) || str_eq(condition->value, row->mounts[i]) ||
			str_eq(condition->value, both))
			return true;
	}
	return false;
}

static bool match_network(const struct condition *condition, const struct engine_ps_row *row)
{
	return strv_has(row->networks, condition->value);
}

/* There are none. */
static bool match_pod(const struct condition *condition, const struct engine_ps_row *row)
{
	(void)condition;
	(void)row;
	return false;
}

/* ---- time ---- */

/* As the verbs find one: by its name, by its id, by the beginning of its id. */
static int read_container(
	struct condition *condition, const struct engine_ps *list, struct error *err)
{
	const struct engine_ps_row *found = NULL;
	const char *name = condition->value;

	for (size_t i = 0; i < list->count; i++) {
		const struct engine_ps_row *row = &list->rows[i];

		if (str_eq(row->name, name)) {
			found = row;
			break;
		}
		if (!*name || !str_after(row->id, name))
			continue;
		if (found)
			return error_set(err, EINVAL,
				"more than one container has an ID that begins with \"%s\"", name);
		found = row;
	}
	if (!found)
		return error_set(err, ENOENT,
			"no container with name or ID \"%s\" found: no such container", name);
	condition->number = found->created_ns;
	return 0;
}

static int read_time(struct condition *condition, const struct engine_ps *list, struct error *err)
{
	(void)list;
	return time_arg(condition->value, &condition->number, err);
}

static bool match_before(const struct condition *condition, const struct engine_ps_row *row)
{
	return row->created_ns < condition->number;
}

static bool match_since(const struct condition *condition, const struct engine_ps_row *row)
{
	return row->created_ns > condition->number;
}

/* ---- all of them ---- */

static const struct key keys[] = {
	{"id", read_id, match_id, false},
	{"name", read_regex, match_name, false},
	{"command", read_regex, match_command, false},
	{"status", read_status, match_status, false},
	{"exited", read_exited, match_exited, false},
	{"health", NULL, match_health, false},
	{"restart-policy", read_policy, match_policy, false},
	{"ancestor", NULL, match_ancestor, false},
	{"label", NULL, match_label, true},
	{"label!", NULL, match_no_label, false},
	{"volume", NULL, match_volume, false},
	{"network", NULL, match_network, false},
	{"pod", NULL, match_pod, false},
	{"before", read_container, match_before, false},
	{"since", read_container, match_since, false},
	{"until", read_time, match_before, false},
};

static const struct key *find_key(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strlen(keys[i].name) == len && strncmp(keys[i].name, text, len) == 0)
			return &keys[i];
	}
	return NULL;
}

static int read_condition(struct condition *condition, const char *text,
	const struct engine_ps *list, struct error *err)
{
	size_t len = strcspn(text, "=");

	if (!text[len])
		return error_set(err, EINVAL, "invalid filter \"%s\": must be KEY=VALUE", text);
	condition->key = find_key(text, len);
	if (!condition->key)
		return error_set(err, EINVAL, "%.*s is an invalid filter", (int)len, text);
	condition->value = text + len + 1;
	return condition->key->read ? condition->key->read(condition, list, err) : 0;
}

int ps_filter_new(char *const *filters, const struct engine_ps *list, struct ps_filter **ret,
	struct error *err)
{
	AUTO(ps_filter_free) struct ps_filter *filter = xnew(struct ps_filter);
	int r = 0;

	filter->items = xcalloc(strv_len(filters) + 1, sizeof(*filter->items));
	for (size_t i = 0; r == 0 && filters && filters[i]; i++)
		r = read_condition(&filter->items[filter->count++], filters[i], list, err);
	if (r == 0)
		*ret = take_ptr(filter);
	return r;
}

void ps_filter_free(struct ps_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++) {
		if (filter->items[i].has_regex)
			regfree(&filter->items[i].regex);
	}
	free(filter->items);
	free(filter);
}

/* Do the values of the key of condition @first, which is the first one of that key? */
static bool key_matches(
	const struct ps_filter *filter, size_t first, const struct engine_ps_row *row)
{
	const struct key *key = filter->items[first].key;
	bool wanted = !key->needs_all;

	for (size_t i = first; i < filter->count; i++) {
		const struct condition *condition = &filter->items[i];

		if (condition->key == key && key->matches(condition, row) == wanted)
			return wanted;
	}
	return !wanted;
}

bool ps_filter_matches(const struct ps_filter *filter, const struct engine_ps_row *row)
{
	for (size_t i = 0; i < filter->count; i++) {
		size_t first = 0;

		while (filter->items[first].key != filter->items[i].key)
			first++;
		if (first == i && !key_matches(filter, i, row))
			return false;
	}
	return true;
}

bool ps_filter_has_key(char *const *filters, const char *key)
{
	for (size_t i = 0; filters && filters[i]; i++) {
		const char *rest = str_after(filters[i], key);

		if (rest && *rest == '=')
			return true;
	}
	return false;
}
