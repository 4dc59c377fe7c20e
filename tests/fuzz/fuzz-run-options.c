/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container flags of run and create, one argument a line, and the specification that is made of
 * them: ports, mounts, limits, users, networks, log options and whatever else is said by words.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/opt.h"
#include "engine/specgen.h"
#include "engine/throttle.h"
#include "run-options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config_text[] =
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],"
	"\"Cmd\":[\"sh\"],\"User\":\"app\",\"ExposedPorts\":{\"80/tcp\":{}},"
	"\"Volumes\":{\"/data\":{}}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

static void specify(const struct run_request *request, const struct throttle_list *throttles)
{
	struct image_config config = {0};
	struct userns_info userns = {.owner_uid = 1000, .owner_gid = 1000};
	struct specgen_input input = {
		.request = request,
		.config = &config,
		.userns = &userns,
		.image_id = "1234",
		.image_digest = "sha256:5678",
		.passwd = "root:x:0:0::/root:/bin/sh\napp:x:7:7::/app:/bin/sh\n",
		.group = "root:x:0:\nwheel:x:8:app\n",
		.id = "abcd",
		.name = "fuzz",
		.container_dir = "/store/containers/abcd",
		.run_dir = "/run/containers/abcd",
		.volumes_dir = "/store/volumes",
		.driver = "overlay",
		.cwd = "/work",
		.home = "/home/fuzz",
		.host_user = "fuzz",
		.host_hosts = "127.0.0.1 localhost\n",
		.host_resolv = "nameserver 127.0.0.53\nsearch example.org\n",
		.host_timezone = "/usr/share/zoneinfo/UTC",
		.throttles = throttles,
		.nofile_hard = 1024,
		.nproc_hard = UINT64_MAX,
	};
	struct specgen_output output = {0};
	struct error err = {0};
	autofree char *text = NULL;
	struct spec again = {0};

	idmap_add(&userns.uids, 0, 1000, 1);
	idmap_add(&userns.uids, 1, 100000, 65536);
	idmap_copy(&userns.gids, &userns.uids);
	assert(image_config_parse(config_text, strlen(config_text), &config, NULL) == 0);
	if (specgen_make(&input, &output, &err) < 0) {
		assert(err.text[0]);
	} else {
		/* Whatever was said, the specification is one that can be read. */
		text = spec_write(&output.spec);
		assert(spec_parse(text, strlen(text), &again, NULL) == 0);
	}
	spec_release(&again);
	specgen_output_release(&output);
	image_config_release(&config);
	idmap_release(&userns.uids);
	idmap_release(&userns.gids);
}

static void parse_throttles(char *const *texts, enum throttle_kind kind, struct throttle_list *ret)
{
	for (size_t i = 0; texts && texts[i]; i++) {
		struct throttle throttle = {.major = 8};

		if (throttle_parse(kind, texts[i], &throttle, NULL) < 0)
			continue;
		ret->items = xrealloc(ret->items, ret->count + 1, sizeof(*ret->items));
		ret->items[ret->count++] = throttle;
	}
}

static void finish(struct run_options *options, char *const *args)
{
	struct cli cli = {.argv = (char **)args};
	AUTO(throttle_list_release) struct throttle_list throttles = {0};
	const struct run_limits *limits = &options->req.limits;

	/* Files of the host are none of our inputs. */
	if (options->env_files || options->label_files)
		return;
	if (run_options_finish(options, &cli, args, NULL) < 0)
		return;
	parse_throttles(limits->device_read_bps, THROTTLE_READ_BPS, &throttles);
	parse_throttles(limits->device_write_iops, THROTTLE_WRITE_IOPS, &throttles);
	specify(&options->req, &throttles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	AUTO(strv_free) char **lines = strv_split(text, '\n');
	/* opt_parse() moves pointers, and strv_free() wants them all. */
	autofree char **argv = xmemdup(lines, (strv_len(lines) + 1) * sizeof(*lines));
	struct run_options options = {0};
	size_t count = 0;

	run_options_init(&options);
	if (opt_parse(container_opts, argv, OPT_STOP_AT_ARGUMENT, &options, &count, NULL) ==
			OPT_PARSED &&
		count > 0)
		finish(&options, argv);
	run_request_release(&options.req);
	opt_release(container_opts, &options);
	return 0;
}
