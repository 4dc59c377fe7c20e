/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_RECORD_H
#define CONTAINER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "container/health.h"
#include "network/port.h"
#include "sys/process.h"

/* Of records and states on disk; a newer one is refused. */
#define CONTAINER_FORMAT 1
#define CONTAINER_RECORD_FILE "record.json"
#define CONTAINER_SPEC_FILE "config.json"
#define CONTAINER_LOG_FILE "ctr.log"
/* Most bytes that are read of a record or spec; environments may be large. */
#define CONTAINER_MAX_JSON (16 << 20)

/* One mount that the user or the image asked for, as inspect shows it. */
struct container_mount {
	char *type;        /* "bind", "volume", "tmpfs" */
	char *name;        /* of a volume */
	char *source;      /* path on the host; empty for tmpfs */
	char *destination; /* absolute, in the container */
	char **options;
	bool writable;
	bool anonymous;    /* removed with the container */
	bool copy_up;      /* filled from the image on first use */
	bool chown;        /* option U: owner changed to the container's user */
};

/*
 * struct container_record - what a container is; written once when it is created.
 * What changes lies in struct container_state.
 */
struct container_record {
	int64_t version; /* of this format */
	char *id;        /* 64 hex digits */
	char *name;
	int64_t created_ns;
	struct process_id creator; /* while it lives, a container without name is not garbage */
	char *image;               /* as it was asked for */
	char *image_name;          /* full reference, empty for an id */
	char *image_id;
	char *image_digest;
	char **layers; /* chain ids, base first */
	char *driver;  /* storage driver */
	char **entrypoint;
	char **command; /* arguments; entrypoint and command make process.args */
	char *user;
	char **group_add;  /* of the command line, for processes of other users */
	bool default_home; /* HOME in the spec follows from the user; nobody has set it */
	char *working_dir;
	char *hostname;
	bool tty;
	bool interactive;
	bool auto_remove;
	bool init;
	char *restart; /* see restart_policy_parse() */
	struct health_check health;
	char *health_on_failure; /* see health_action_parse() */
	bool privileged;
	bool read_only;
	char *userns;       /* "", "host", "keep-id", "nomap" */
	char *cgroups;         /* "enabled", "disabled", "no-conmon", "split" */
	char *cgroup_manager;  /* "auto", "systemd", "cgroupfs" */
	char *cgroup_parent;   /* NULL: the manager's default */
	bool pids_is_default;  /* nobody asked for the spec's limit of processes */
	char *network;      /* as network_choice_format() writes it */
	struct port_list ports;
	char **exposed; /* "80/tcp" */
	bool publish_all; /* the exposed ones are among the ports */
	struct container_mount *mounts;
	size_t mount_count;
	char *log_driver;          /* see log_driver_check() */
	struct strmap log_options; /* --log-opt, see log_options_parse() */
	char *stop_signal;
	uint32_t stop_timeout_s;
	char *pidfile;
	char *sdnotify; /* "container", "conmon", "ignore" */
	char *seccomp; /* profile path, "unconfined", or "" for the default */
	char **seccomp_caps;
	char *detach_keys;
	struct strmap files; /* name to text: what container_write_files() makes */
	struct strmap labels;
	struct strmap annotations;
	char **create_command;
	char **dns;
	char **dns_search;
	char **dns_options;
	char **add_hosts;
	bool no_hosts;
};

extern const struct json_field container_record_fields[];
/* Those that a list of containers shows, for json_read_members(). */
extern const struct json_field container_row_fields[];
void container_record_free(struct container_record *record);
DEFINE_AUTO(struct container_record *, container_record_free);

#endif
