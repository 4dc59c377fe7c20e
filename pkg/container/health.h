/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_HEALTH_H
#define CONTAINER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/*
 * Health checks: a command that is run in a container again and again, and what came of it.
 *
 * The results of one container lie in its run directory, in a file of their own that is replaced
 * whole. The monitor writes it, and so does `healthcheck run`; each holds a lock on the directory
 * from reading to writing.
 */
#define HEALTH_FILE "health.json"
#define HEALTH_STARTING "starting"
#define HEALTH_HEALTHY "healthy"
#define HEALTH_UNHEALTHY "unhealthy"

/* struct health_check - what is run, and when; members as in an image's config. */
struct health_check {
	char **test;         /* {"CMD-SHELL", line}, {"CMD", word, …}, {"NONE"}; NULL: no check */
	int64_t interval_ns; /* from the end of one check to the next; 0: only when asked */
	int64_t timeout_ns;  /* then it is killed, and has failed */
	int64_t start_period_ns; /* failures before that do not count */
	int64_t retries;         /* so many failures in a row are one too many */
};
extern const struct json_field health_check_fields[];

/* Of a container that has become unhealthy. */
enum health_action {
	HEALTH_ACTION_NONE = 0,
	HEALTH_ACTION_KILL,
	HEALTH_ACTION_RESTART,
	HEALTH_ACTION_STOP,
};
/* "none", "kill", "restart", "stop"; NULL and "" are "none". -EINVAL, in podman's words. */
int health_action_parse(const char *text, enum health_action *ret, struct error *err);

/* Is there something to run? */
bool health_check_is_set(const struct health_check *check);
/* The words of the command; strv, owned by the caller. NULL when nothing is set. */
char **health_check_command(const struct health_check *check);

struct health_result {
	int64_t start_ns;
	int64_t end_ns;
	int64_t exit_code; /* -1: killed after the timeout */
	char *output;      /* the beginning of it, see health_output() */
};
void health_result_release(struct health_result *result);

#define HEALTH_LOG_MAX 5      /* results that are kept */
#define HEALTH_OUTPUT_MAX 500 /* characters of each */
/* Bytes that may be needed for those. */
#define HEALTH_OUTPUT_BYTES ((size_t)HEALTH_OUTPUT_MAX * 4)
/* Output as it is kept: cut, valid UTF-8, without the last line's end. Owned by the caller. */
char *health_output(const char *data, size_t len);

struct health {
	char *status; /* HEALTH_STARTING …; NULL: no check */
	int64_t failing_streak;
	struct health_result *log; /* the oldest first */
	size_t log_count;
};
extern const struct json_field health_fields[];
void health_release(struct health *health);
static inline void auto_health_release(struct health *health)
{
	health_release(health);
}

/*
 * health_note - what a result means.
 * @is_starting: the start period is not over
 * @result: taken over
 */
void health_note(struct health *health, const struct health_check *check, bool is_starting,
	struct health_result *result);

/* Of a running container; -ENOENT: it has no health check. */
int health_read(int run_dirfd, struct health *ret, struct error *err);
/* A life begins: the status is HEALTH_STARTING; the log of an earlier life is kept. */
int health_begin(int run_dirfd, struct error *err);
/*
 * health_add - note a result.
 * @started_ns: when the container was started
 * @result: taken over
 * @ret_status: HEALTH_STARTING …: what it comes to; static
 */
int health_add(int run_dirfd, const struct health_check *check, int64_t started_ns,
	struct health_result *result, const char **ret_status, struct error *err);

#endif
