/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "container/health.h"
#include "engine/internal.h"

static void add_time(struct json_object *obj, const char *key, int64_t ns)
{
	autofree char *text = time_format(ns);

	json_add_string(obj, key, text);
}

static struct json_object *log_json(const struct health *health)
{
	struct json_object *array = health->log_count ? json_object_new_array() : NULL;

	for (size_t i = 0; i < health->log_count; i++) {
		const struct health_result *result = &health->log[i];
		struct json_object *obj = json_object_new_object();

		add_time(obj, "Start", result->start_ns);
		add_time(obj, "End", result->end_ns);
		json_add_int(obj, "ExitCode", result->exit_code);
		json_add_string(obj, "Output", result->output);
		json_object_array_add(array, obj);
	}
	return array;
}

struct json_object *inspect_health_json(const struct container *ctr)
{
	AUTO(health_release) struct health health = {0};
	struct json_object *obj = json_object_new_object();

	if (container_health(ctr, &health, NULL) < 0)
		health_release(&health);
	json_add_string(obj, "Status", health.status);
	json_add_int(obj, "FailingStreak", health.failing_streak);
	json_object_object_add(obj, "Log", log_json(&health));
	return obj;
}

void inspect_add_health_check(struct json_object *obj, const struct container_record *record)
{
	const struct health_check *check = &record->health;

	json_object_object_add(
		obj, "Healthcheck", check->test ? json_encode(health_check_fields, check) : NULL);
	json_add_string(obj, "HealthcheckOnFailureAction",
		str_is_empty(record->health_on_failure) ? "none" : record->health_on_failure);
}
