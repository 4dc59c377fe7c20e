/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "common/out.h"
#include "container/event.h"
#include "pull/pull.h"
#include "session.h"

/* More is a mistake: each try waits longer than the one before. */
#define PULL_MAX_RETRIES 100

/* Fills all of the request that is the same for every image. */
static int make_request(const struct pull_options *options, struct registry_options *registry,
	struct platform *platform, struct pull_request *ret, struct error *err)
{
	int r;

	if (options->policy && pull_policy_parse(options->policy, &ret->policy) < 0)
		return error_set(err, EINVAL, "unknown pull policy %s", options->policy);
	if (options->has_retry && (options->retry < 0 || options->retry > PULL_MAX_RETRIES))
		return error_set(err, EINVAL, "--retry: %lld is not from 0 to %d",
			(long long)options->retry, PULL_MAX_RETRIES);
	*registry = session_registry(&options->registry);
	registry->has_retry_delay = options->retry_delay;
	if (options->retry_delay &&
		str_to_duration(options->retry_delay, &registry->retry_delay_ns) < 0)
		return error_set(
			err, EINVAL, "--retry-delay: %s is no duration", options->retry_delay);
	registry->retries = !options->has_retry ? 0 : options->retry ? (int)options->retry : -1;
	ret->registry = registry;
	r = session_platform(&options->platform, platform, err);
	if (r > 0)
		ret->platform = platform;
	return r < 0 ? r : 0;
}

static int pull_one(
	const struct pull_request *base, const char *image, bool quiet, struct error *err)
{
	AUTO(pull_result_release) struct pull_result result = {0};
	AUTO(progress_free)
	struct progress *progress = progress_new(
		STDERR_FILENO, quiet ? PROGRESS_QUIET : progress_mode_for(STDERR_FILENO));
	struct pull_request request = *base;
	int r;

	request.reference = image;
	request.progress = progress;
	r = pull_image(&request, &result, err);
	if (r < 0)
		return r;
	image_note_event(request.store->events_fd, EVENT_PULL, result.image_id, image);
	out_linef("%s", result.image_id);
	return 0;
}

int cmd_pull(struct cli *cli, void *data, char **args)
{
	const struct pull_options *options = data;
	AUTO(store_close) struct store *store = NULL;
	AUTO(platform_release) struct platform platform = {0};
	struct registry_options registry;
	struct pull_request request = {0};
	struct error err = {0};
	int exit_code = 0;

	if (make_request(options, &registry, &platform, &request, &err) < 0)
		return out_failed(&err);
	if (session_open(cli, &store, &err) < 0 || registry_global_init(&err) < 0)
		return out_failed(&err);
	request.store = store;
	for (char **image = args; *image; image++) {
		struct error image_err = {0};

		if (pull_one(&request, *image, options->quiet, &image_err) < 0)
			exit_code = out_failed(&image_err);
	}
	return exit_code;
}
