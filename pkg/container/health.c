/* SPDX-License-Identifier: Apache-2.0 */
#include "container/health.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>

#include "format/utf8.h"
#include "sys/file.h"

/* Of a file that we write ourselves; escapes make six bytes of one. */
#define MAX_FILE (256 << 10)

#define CHECK struct health_check
const struct json_field health_check_fields[] = {
	JSON_STRINGS(CHECK, test, "Test"),
	JSON_I64(CHECK, start_period_ns, "StartPeriod"),
	JSON_I64(CHECK, interval_ns, "Interval"),
	JSON_I64(CHECK, timeout_ns, "Timeout"),
	JSON_I64(CHECK, retries, "Retries"),
	JSON_END,
};

#define RESULT struct health_result
static const struct json_field result_fields[] = {
	JSON_I64(RESULT, start_ns, "start"),
	JSON_I64(RESULT, end_ns, "end"),
	JSON_I64(RESULT, exit_code, "exitCode"),
	JSON_STRING(RESULT, output, "output"),
	JSON_END,
};

#define HEALTH struct health
const struct json_field health_fields[] = {
	JSON_STRING(HEALTH, status, "status"),
	JSON_I64(HEALTH, failing_streak, "failingStreak"),
	JSON_OBJECTS(HEALTH, log, log_count, "log", result_fields),
	JSON_END,
};

void health_release(struct health *health)
{
	json_release(health_fields, health);
	*health = (struct health){0};
}

void health_result_release(struct health_result *result)
{
	json_release(result_fields, result);
	*result = (struct health_result){0};
}

int health_action_parse(const char *text, enum health_action *ret, struct error *err)
{
	static const char *const names[] = {
		[HEALTH_ACTION_NONE] = "none",
		[HEALTH_ACTION_KILL] = "kill",
		[HEALTH_ACTION_RESTART] = "restart",
		[HEALTH_ACTION_STOP] = "stop",
	};

	*ret = HEALTH_ACTION_NONE;
	if (str_is_empty(text))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!str_eq(names[i], text))
			continue;
		*ret = (enum health_action)i;
		return 0;
	}
	return error_set(err, EINVAL,
		"invalid on-failure action \"%s\" for health check: supported actions are "
		"none,kill,restart,stop",
		text);
}

bool health_check_is_set(const struct health_check *check)
{
	return strv_len(check->test) > 1 && !str_eq(check->test[0], "NONE");
}

char **health_check_command(const struct health_check *check)
{
	char **words = NULL;

	if (!health_check_is_set(check))
		return NULL;
	if (str_eq(check->test[0], "CMD-SHELL")) {
		strv_add(&words, "/bin/sh");
		strv_add(&words, "-c");
	}
	strv_add_all(&words, check->test + 1);
	return words;
}

char *health_output(const char *data, size_t len)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	if (len > 0 && data[len - 1] == '\n')
		len--;
	for (size_t i = 0; i < HEALTH_OUTPUT_MAX && len > 0; i++) {
		uint32_t code;
		size_t used = utf8_decode(data, len, &code);

		/* Our strings end with a zero, and JSON has no bytes. */
		utf8_add(&text, code == 0 ? UTF8_INVALID : code);
		data += used;
		len -= used;
	}
	return strbuf_take(&text);
}

static void add_result(struct health *health, struct health_result *result)
{
	size_t old = health->log_count,
	       dropped = old < HEALTH_LOG_MAX ? 0 : old - HEALTH_LOG_MAX + 1;
	struct health_result *log = xcalloc(old - dropped + 1, sizeof(*log));

	for (size_t i = 0; i < old; i++) {
		if (i < dropped)
			health_result_release(&health->log[i]);
		else
			log[i - dropped] = health->log[i];
	}
	log[old - dropped] = *result;
	*result = (struct health_result){0};
	free(health->log);
	health->log = log;
	health->log_count = old - dropped + 1;
}

static void set_status(struct health *health, const char *status)
{
	free(health->status);
	health->status = xstrdup(status);
}

void health_note(struct health *health, const struct health_check *check, bool is_starting,
	struct health_result *result)
{
	if (result->exit_code == 0) {
		set_status(health, HEALTH_HEALTHY);
		health->failing_streak = 0;
	} else if (!is_starting || str_eq(health->status, HEALTH_HEALTHY)) {
		/* Once it was healthy the start is over, whatever was foreseen. */
		health->failing_streak++;
		if (health->failing_streak >= check->retries)
			set_status(health, HEALTH_UNHEALTHY);
	}
	if (!health->status)
		set_status(health, HEALTH_STARTING);
	add_result(health, result);
}

int health_read(int run_dirfd, struct health *ret, struct error *err)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(run_dirfd, HEALTH_FILE, MAX_FILE, &text, &len, err);

	return r < 0 ? r : json_read(text, len, HEALTH_FILE, health_fields, ret, err);
}

static int write_health(int run_dirfd, const struct health *health, struct error *err)
{
	autofree char *text = json_write(health_fields, health, false);

	return file_write_at(run_dirfd, HEALTH_FILE, text, strlen(text), 0600, 0, err);
}

/* On an open file of its own: it goes with the descriptor. */
static int lock_health(int run_dirfd, struct error *err)
{
	autoclose int fd = dir_open_at(run_dirfd, ".", err);

	if (fd < 0)
		return fd;
	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock the health log");
	}
	return take_fd(fd);
}

/* What was damaged starts anew. */
static void read_or_reset(int run_dirfd, struct health *health)
{
	if (health_read(run_dirfd, health, NULL) < 0)
		health_release(health);
}

int health_begin(int run_dirfd, struct error *err)
{
	AUTO(health_release) struct health health = {0};
	autoclose int lock = lock_health(run_dirfd, err);

	if (lock < 0)
		return lock;
	read_or_reset(run_dirfd, &health);
	set_status(&health, HEALTH_STARTING);
	health.failing_streak = 0;
	return write_health(run_dirfd, &health, err);
}

static const char *known_status(const char *status)
{
	if (str_eq(status, HEALTH_HEALTHY))
		return HEALTH_HEALTHY;
	return str_eq(status, HEALTH_UNHEALTHY) ? HEALTH_UNHEALTHY : HEALTH_STARTING;
}

int health_add(int run_dirfd, const struct health_check *check, int64_t started_ns,
	struct health_result *result, const char **ret_status, struct error *err)
{
	AUTO(health_release) struct health health = {0};
	bool is_starting = result->start_ns < started_ns + check->start_period_ns;
	autoclose int lock = lock_health(run_dirfd, err);

	if (lock < 0)
		return lock;
	read_or_reset(run_dirfd, &health);
	health_note(&health, check, is_starting, result);
	*ret_status = known_status(health.status);
	return write_health(run_dirfd, &health, err);
}
