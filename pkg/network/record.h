/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_RECORD_H
#define NETWORK_RECORD_H

#include "base/error.h"
#include "base/json.h"
#include "cni/conflist.h"

/*
 * struct network_record - one attachment on disk, <state_dir>/results/NETWORK-ID-IFNAME.
 * Written before the first ADD, so that a crash leaves a trace of what may have to be undone,
 * and again with the result. DEL uses it alone: the network may have been redefined since.
 */
struct network_record {
	char *kind; /* NETWORK_RECORD_KIND */
	char *container_id;
	char *network;
	char *ifname;
	char *netns;
	bool host_netns;            /* plugins run in the namespace of host-netns.h */
	struct json_object *config; /* the whole list */
	struct json_object *args;   /* by capability */
	struct json_object *result; /* of ADD; NULL while it runs */
};
#define NETWORK_RECORD_KIND "coracleNetworkV1"
extern const struct json_field network_record_fields[];

/* Opens <state_dir>/results, made where missing. */
int record_dir_open(const char *state_dir, struct error *err);
/* File name of an attachment; owned by the caller. */
char *record_name(const char *network, const char *container_id, const char *ifname);
int record_write(int dirfd, const struct network_record *record, struct error *err);
/* 1 read, 0 absent; -EBADMSG when damaged. */
int record_read(int dirfd, const char *name, struct network_record *ret, struct error *err);
/* Names of the records of a container, or of all when NULL; owned by the caller. */
int record_list(int dirfd, const char *container_id, char ***ret, struct error *err);
/* Removes it; absence is success. */
int record_remove(int dirfd, const char *name, struct error *err);

void record_release(struct network_record *record);
static inline void auto_record_release(struct network_record *record)
{
	record_release(record);
}

#endif
