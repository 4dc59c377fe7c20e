/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_LOCAL_LEASE_H
#define HOST_LOCAL_LEASE_H

#include "base/ip.h"
#include "cni/plugin.h"

/*
 * struct leases - the directory of one network, locked. A lease is a file that has the address as
 * its name and holds "CONTAINERID\r\nIFNAME", as the reference plugin writes it, so that either
 * can go on with what the other has left.
 */
struct leases {
	int dirfd;
	int lock_fd;
};
#define LEASES_CLOSED \
	{ \
		-1, -1 \
	}

/* Makes and locks the directory. */
int leases_open(const char *data_dir, const char *network, struct leases *ret, struct error *err);
/* As leases_open(); 0 with @ret closed when there is no such directory. */
int leases_open_existing(
	const char *data_dir, const char *network, struct leases *ret, struct error *err);
void leases_close(struct leases *leases);
static inline void auto_leases_close(struct leases *leases)
{
	leases_close(leases);
}

/* 1: @address is the container's now; 0: it is somebody's. The lease appears whole. */
int lease_take(struct leases *leases, const struct ip_address *address, const char *container_id,
	const char *ifname, struct error *err);
/* How many leases a container's interface has. */
int leases_count(struct leases *leases, const char *container_id, const char *ifname);
/* Ends the leases of a container's interface; none is success. */
int leases_end(
	struct leases *leases, const char *container_id, const char *ifname, struct error *err);
/* Ends the leases of all who are not in @valid. */
int leases_collect(struct leases *leases, const struct cni_attachments *valid, struct error *err);

/* The address that was leased last from a set of ranges; 0 or -ENOENT. */
int lease_last_read(struct leases *leases, size_t set, struct ip_address *ret);
int lease_last_write(
	struct leases *leases, size_t set, const struct ip_address *address, struct error *err);

#endif
