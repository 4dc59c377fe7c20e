/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RUN_REQUEST_H
#define ENGINE_RUN_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum run_pull {
	RUN_PULL_MISSING = 0,
	RUN_PULL_ALWAYS,
	RUN_PULL_NEVER,
	RUN_PULL_NEWER,
};

/* What stop_timeout_s holds while nobody asked for one. */
#define RUN_STOP_TIMEOUT_DEFAULT 10
#define RUN_OOM_SCORE_UNSET INT32_MIN

/* What a container may use at most; 0 and NULL where nothing was asked for. */
struct run_limits {
	uint64_t memory_bytes;
	bool has_memory;   /* for update, where 0 takes the limit away */
	char *memory_swap; /* a size, memory included, or "-1" */
	uint64_t memory_reservation_bytes;
	int64_t memory_swappiness; /* -1: not given */
	char *cpus;                /* "1.5" */
	int64_t cpu_shares;
	int64_t cpu_quota; /* microseconds; -1: no limit */
	int64_t cpu_period;
	char *cpuset_cpus; /* "0-2,4" */
	char *cpuset_mems;
	bool has_pids_limit;
	int64_t pids_limit; /* 0 and less: no limit */
	int64_t blkio_weight;
	char **device_read_bps; /* PATH:SIZE */
	char **device_write_bps;
	char **device_read_iops; /* PATH:NUMBER */
	char **device_write_iops;
	struct strmap cgroup_conf; /* files of cgroup v2 and their values */
	char *cgroup_parent;       /* a slice, or a cgroup */
	char *cgroups;             /* "enabled" (NULL), "disabled", "no-conmon", "split" */
	char *cgroup_manager;      /* "auto" (NULL), "systemd", "cgroupfs" */
};

/* Without any limit; released like the rest of a request that it may be in. */
#define RUN_LIMITS_INIT ((struct run_limits){.memory_swappiness = -1})
void run_limits_release(struct run_limits *limits);
static inline void auto_run_limits_release(struct run_limits *limits)
{
	run_limits_release(limits);
}

/*
 * struct run_request - everything that `run` and `create` were asked for, as plain data.
 *
 * The command line checks only that an option has its argument; the texts below are still in the
 * user's grammar where that is said. The request owns all of it. A zeroed request is not one with
 * defaults: run_request_init() it.
 */
struct run_request {
	/* What to run */
	char *image;           /* reference or id as typed; required */
	char **command;        /* arguments behind the image; NULL: the image's Cmd */
	bool has_entrypoint;   /* --entrypoint was given: the image's Entrypoint and Cmd are dropped */
	char **entrypoint;     /* its words (a JSON list was parsed); NULL with "" */
	char **create_command; /* the whole command line, for inspect */

	/* Container */
	char *name;        /* NULL: a random one */
	bool replace;      /* remove a container of that name first */
	bool auto_remove;  /* --rm */
	bool init;         /* --init: coracle-init is pid 1 */
	bool privileged;
	struct strmap labels;      /* --label-file first, then --label */
	struct strmap annotations;
	char *pidfile;             /* path, absolute; the monitor writes the pid as the host sees it */
	char *cidfile;             /* path; written by the command line, here for inspect */

	/* Standard streams */
	bool interactive; /* -i: stdin stays open */
	bool tty;         /* -t */
	bool detach;      /* -d */
	bool has_window;  /* tty: size to begin with */
	uint16_t window_rows;
	uint16_t window_columns;
	char *detach_keys; /* NULL: the default, "": none */
	char *log_driver;  /* see log_driver_check(); NULL: k8s-file */
	struct strmap log_options; /* see log_options_parse(); path is absolute */

	/* Process */
	char **env;            /* NAME=value; later ones win; beats the image's */
	char **unset_env;      /* names taken out of the image's environment */
	bool unset_env_all;
	char *user;            /* name|uid[:group|gid]; NULL: the image's */
	char **group_add;      /* name|gid|keep-groups */
	char *workdir;         /* NULL: the image's */
	char *umask_text;      /* octal; NULL: 0022 */
	char *timezone;        /* zone name, "local"; NULL: the image's */
	char **ulimits;        /* name=soft[:hard], "host" */
	int32_t oom_score_adj; /* RUN_OOM_SCORE_UNSET when not given */
	char *stop_signal;     /* name or number, checked; NULL: the image's */
	int64_t stop_timeout_s;

	/* Security */
	char **cap_add;       /* names with or without CAP_, "all" */
	char **cap_drop;
	char **security_opts; /* seccomp=FILE, no-new-privileges, mask=, unmask=, … */
	char *userns;         /* "host", "keep-id[:uid=,gid=]", "nomap"; NULL: the default */

	/* Files */
	char **volumes;      /* -v: [[SRC:]DST[:opt,opt]]; relative sources are still relative */
	char **mounts;       /* --mount: type=bind,src=…,dst=… (CSV) */
	char **tmpfs;        /* DST[:opt,opt] */
	char **devices;      /* HOST[:CONTAINER[:rwm]] */
	bool read_only;      /* rootfs */
	bool read_only_tmpfs; /* with read_only: tmpfs on /tmp, /run, /var/tmp; default true */
	uint64_t shm_size;   /* bytes; 0: 64000 KiB */

	struct run_limits limits;

	/* Network */
	char **networks; /* "none", "host", "slirp[:opt,opt]", "container:ID", "ns:PATH"; NULL: slirp */
	char **publish;  /* [[ip:][hostPort]:]ctrPort[/proto], ranges */
	bool publish_all;
	char **expose;   /* port[-port][/proto] */
	char **dns;
	char **dns_search;
	char **dns_options;
	char **add_hosts; /* name[;name]:ip */
	bool no_hosts;
	char *hostname;

	/* Image */
	enum run_pull pull;
	char *platform;   /* os/arch[/variant] made from --platform or --os, --arch, --variant */
	char *authfile;   /* handed to coracle-image pull */
	char *tls_verify; /* "true", "false"; NULL: as configured */
	bool quiet;       /* no progress */
};

void run_request_init(struct run_request *req);
void run_request_release(struct run_request *req);
static inline void auto_run_request_release(struct run_request *req)
{
	run_request_release(req);
}

#endif
