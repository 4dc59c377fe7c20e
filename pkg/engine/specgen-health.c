/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>

#include "engine/specgen.h"

#define NS_PER_S INT64_C(1000000000)
#define DEFAULT_INTERVAL_NS (30 * NS_PER_S)
#define DEFAULT_TIMEOUT_NS (30 * NS_PER_S)
#define DEFAULT_RETRIES 3

/* JSON: ["CMD", "a"], ["CMD-SHELL", "a b"], or the words themselves. */
static int parse_list(const char *text, char ***ret, struct error *err)
{
	AUTO(json_free) struct json_object *list = NULL;
	AUTO(strv_free) char **words = NULL;
	int r = json_parse(text, strlen(text), &list, NULL);

	if (r < 0 || !json_object_is_type(list, json_type_array))
		return -EBADMSG;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return error_set(err, EINVAL, "health-cmd: item %zu is not a string", i);
		strv_add(&words, json_object_get_string(item));
	}
	if (!words || !*words[0])
		return error_set(err, EINVAL, "health-cmd: the list is empty");
	if (!str_eq(words[0], "CMD") && !str_eq(words[0], "CMD-SHELL") && !str_eq(words[0], "NONE"))
		strv_add(ret, "CMD");
	strv_add_all(ret, words);
	return 0;
}

static void split_words(const char *text, char ***ret)
{
	AUTO(strv_free) char **words = strv_split(text, ' ');

	for (size_t i = 0; words && words[i]; i++) {
		if (*words[i])
			strv_add(ret, words[i]);
	}
}

/* podman's grammar of --health-cmd. */
static int parse_command(const char *text, char ***ret, struct error *err)
{
	const char *rest;
	int r = *text == '[' ? parse_list(text, ret, err) : -EBADMSG;

	if (r != -EBADMSG)
		return r;
	if (str_eq(text, "none")) {
		strv_add(ret, "NONE");
		return 0;
	}
	rest = str_after(text, "CMD ");
	if (rest) {
		strv_add(ret, "CMD");
		split_words(rest, ret);
		return 0;
	}
	rest = str_after(text, "CMD-SHELL ");
	strv_add(ret, "CMD-SHELL");
	strv_add(ret, rest ? rest : text);
	return 0;
}

static int parse_time(const char *option, const char *text, int64_t *ret_ns, struct error *err)
{
	if (!text)
		return 0;
	/* Go's durations have units, where ours may be plain seconds. */
	if (strspn(text, "0123456789") == strlen(text) && !str_eq(text, "0"))
		return error_set(
			err, EINVAL, "invalid %s: missing unit in duration \"%s\"", option, text);
	if (str_to_duration(text, ret_ns) < 0)
		return error_set(err, EINVAL, "invalid %s: invalid duration \"%s\"", option, text);
	return 0;
}

/* An image's numbers are anybody's: what makes no sense is as if it were not there. */
static void take_image_check(struct json_object *image, struct health_check *check)
{
	struct health_check theirs = {0};

	if (!image || json_decode(image, "Healthcheck", health_check_fields, &theirs, NULL) < 0) {
		json_release(health_check_fields, &theirs);
		return;
	}
	check->test = take_ptr(theirs.test);
	if (theirs.interval_ns > 0)
		check->interval_ns = theirs.interval_ns;
	if (theirs.timeout_ns > 0)
		check->timeout_ns = theirs.timeout_ns;
	if (theirs.start_period_ns > 0)
		check->start_period_ns = theirs.start_period_ns;
	if (theirs.retries > 0 && theirs.retries <= INT_MAX)
		check->retries = theirs.retries;
	json_release(health_check_fields, &theirs);
}

static int take_options(
	const struct run_health *health, struct health_check *check, struct error *err)
{
	int r = 0;

	if (str_eq(health->interval, "disable"))
		check->interval_ns = 0;
	else
		r = parse_time("healthcheck-interval", health->interval, &check->interval_ns, err);
	if (r == 0)
		r = parse_time("healthcheck-timeout", health->timeout, &check->timeout_ns, err);
	if (r == 0)
		r = parse_time("healthcheck-start-period", health->start_period,
			&check->start_period_ns, err);
	if (r < 0)
		return r;
	if (health->has_retries && (health->retries < 1 || health->retries > INT_MAX))
		return error_set(err, EINVAL, "healthcheck-retries must be greater than 0");
	if (health->has_retries)
		check->retries = health->retries;
	return 0;
}

static int check_action(const struct container_record *record, struct error *err)
{
	enum health_action action;
	int r = health_action_parse(record->health_on_failure, &action, err);

	if (r == 0 && action != HEALTH_ACTION_NONE && !health_check_is_set(&record->health))
		return error_set(err, EINVAL,
			"cannot set on-failure action to %s without a health check",
			record->health_on_failure);
	return r;
}

int specgen_health(
	const struct specgen_input *in, struct container_record *record, struct error *err)
{
	const struct run_health *health = &in->request->health;
	struct health_check *check = &record->health;
	int r;

	if (health->is_off && !str_is_empty(health->command))
		return error_set(
			err, EINVAL, "cannot specify both --no-healthcheck and --health-cmd");
	record->health_on_failure = xstrdup(health->on_failure ? health->on_failure : "none");
	*check = (struct health_check){.interval_ns = DEFAULT_INTERVAL_NS,
		.timeout_ns = DEFAULT_TIMEOUT_NS,
		.retries = DEFAULT_RETRIES};
	if (!str_is_empty(health->command))
		r = parse_command(health->command, &check->test, err);
	else
		r = 0;
	if (r == 0 && !check->test && !health->is_off)
		take_image_check(in->config->config.healthcheck, check);
	if (r == 0)
		r = take_options(health, check, err);
	if (r < 0)
		return r;
	if (!strv_len(check->test)) {
		strv_free(check->test);
		*check = (struct health_check){0};
	}
	if (health->is_off)
		strv_add(&check->test, "NONE");
	return check_action(record, err);
}
