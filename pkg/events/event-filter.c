/* SPDX-License-Identifier: Apache-2.0 */
#include "events/event-filter.h"

#include <errno.h>
#include <strings.h>

struct filter_key {
	const char *name;
	bool (*matches)(const struct event_record *event, const char *value);
};

/* An object of a type, by its name or the beginning of its id. */
static bool is_object(const struct event_record *event, enum event_type type, const char *value)
{
	if (!str_eq(event->type, event_type_name(type)))
		return false;
	return str_eq(event->name, value) || (event->id && str_after(event->id, value));
}

static bool match_container(const struct event_record *event, const char *value)
{
	return is_object(event, EVENT_CONTAINER, value);
}

/* Some events have the name as it was typed, others the whole one. */
static bool match_image(const struct event_record *event, const char *value)
{
	autofree char *with_tag = NULL;
	const char *slash, *last;

	if (is_object(event, EVENT_IMAGE, value))
		return true;
	if (!event->name || !str_eq(event->type, event_type_name(EVENT_IMAGE)))
		return false;
	with_tag = xasprintf("%s:latest", value);
	slash = strrchr(event->name, '/');
	last = slash ? slash + 1 : event->name;
	return str_eq(event->name, with_tag) || str_eq(last, value) || str_eq(last, with_tag);
}

static bool match_network(const struct event_record *event, const char *value)
{
	return is_object(event, EVENT_NETWORK, value);
}

static bool match_pod(const struct event_record *event, const char *value)
{
	return is_object(event, EVENT_POD, value);
}

static bool match_volume(const struct event_record *event, const char *value)
{
	return is_object(event, EVENT_VOLUME, value);
}

static bool match_type(const struct event_record *event, const char *value)
{
	return str_eq(event->type, value);
}

static bool match_event(const struct event_record *event, const char *value)
{
	static const struct {
		const char *docker;
		const char *ours;
	} words[] = {{"die", "died"}, {"destroy", "remove"}, {"delete", "remove"}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(value, words[i].docker))
			value = words[i].ours;
	}
	return str_eq(event->status, value);
}

static bool match_label(const struct event_record *event, const char *value)
{
	const char *equals = strchr(value, '=');
	autofree char *key = xstrndup(value, equals ? (size_t)(equals - value) : strlen(value));
	const char *found = strmap_get(&event->attributes, key);

	return found && (!equals || str_eq(found, equals + 1));
}

static const struct filter_key keys[] = {
	{"container", match_container},
	{"event", match_event},
	{"image", match_image},
	{"label", match_label},
	{"network", match_network},
	{"pod", match_pod},
	{"type", match_type},
	{"volume", match_volume},
};

/* The value of a filter when it is one of @key; NULL else. */
static const char *value_of(const char *filter, const struct filter_key *key)
{
	size_t len = strlen(key->name);

	return strncasecmp(filter, key->name, len) == 0 && filter[len] == '=' ? filter + len + 1
									      : NULL;
}

static bool is_filter(const char *filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (value_of(filter, &keys[i]))
			return true;
	}
	return false;
}

int event_filter_check(char *const *filters, struct error *err)
{
	for (size_t i = 0; filters && filters[i]; i++) {
		if (!is_filter(filters[i]))
			return error_set(err, EINVAL,
				"%s is an invalid filter (those are container, event, image, "
				"label, network, pod, type and volume, each with =VALUE)",
				filters[i]);
	}
	return 0;
}

/* One key: true also when no filter has it. */
static bool matches_key(
	char *const *filters, const struct filter_key *key, const struct event_record *event)
{
	bool is_asked = false;

	for (size_t i = 0; filters[i]; i++) {
		const char *value = value_of(filters[i], key);

		if (value && key->matches(event, value))
			return true;
		is_asked |= value != NULL;
	}
	return !is_asked;
}

bool event_filter_matches(char *const *filters, const struct event_record *event)
{
	for (size_t i = 0; filters && i < ARRAY_SIZE(keys); i++) {
		if (!matches_key(filters, &keys[i], event))
			return false;
	}
	return true;
}
