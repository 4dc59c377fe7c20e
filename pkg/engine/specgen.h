/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SPECGEN_H
#define ENGINE_SPECGEN_H

#include "container/record.h"
#include "engine/run-request.h"
#include "engine/user.h"
#include "image/config.h"
#include "engine/throttle.h"
#include "spec/spec.h"
#include "userns/userns.h"

/* What specgen has to know besides the request; gathered by the engine, all borrowed. */
struct specgen_input {
	const struct run_request *request;
	const struct image_config *config;
	const struct userns_info *userns;
	const char *image_id;
	const char *image_name;   /* full reference or NULL */
	const char *image_digest; /* of its manifest */
	char *const *layers;      /* chain ids */
	const char *passwd;       /* texts of the image's files; "" when missing */
	const char *group;
	const char *id;            /* of the new container */
	const char *name;
	const char *container_dir; /* absolute path it will have */
	const char *run_dir;       /* likewise, for files that are made at each start */
	const char *volumes_dir;   /* absolute path of all volumes */
	const char *driver;        /* storage driver */
	const char *cwd, *home;    /* of the caller */
	const char *host_user;     /* name of the caller for keep-id; may be NULL */
	const char *host_hosts;    /* text of /etc/hosts, NULL when missing */
	const char *host_resolv;   /* text of /etc/resolv.conf, "" when missing */
	const char *host_timezone; /* real path of /etc/localtime; NULL when missing */
	char *const *host_env;
	const struct throttle_list *throttles; /* of the request; NULL: none */
	uint64_t nofile_hard, nproc_hard; /* rlimits of the caller */
	int64_t now_ns;
};

struct specgen_output {
	struct container_record *record;
	struct spec spec;
	char **warnings;
};

/*
 * specgen_make - a pure function from request, image and host facts to record and spec.
 * Returns 0; -EINVAL with the option's name. @ret: zeroed; release it in any case.
 */
int specgen_make(const struct specgen_input *input, struct specgen_output *ret, struct error *err);
void specgen_output_release(struct specgen_output *output);

/* The parts, in the order in which they run; each adds to the output. */
int specgen_process(const struct specgen_input *input, struct specgen_output *out,
	struct error *err);
int specgen_security(const struct specgen_input *input, const struct user *user,
	struct specgen_output *out, struct error *err);
int specgen_namespaces(const struct specgen_input *input, struct specgen_output *out,
	struct error *err);
int specgen_resources(const struct specgen_input *input, struct specgen_output *out,
	struct error *err);
/*
 * specgen_limits - limits as members of a spec, all but that of processes, which has a default.
 * @throttles: of the limits, with their devices found; NULL: none
 * @ret:       zeroed
 * -EINVAL with the option's name.
 */
int specgen_limits(const struct run_limits *limits, const struct throttle_list *throttles,
	struct spec_resources *ret, struct error *err);
int specgen_mounts(const struct specgen_input *input, const struct user *user,
	struct specgen_output *out, struct error *err);

#endif
