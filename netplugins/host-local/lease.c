/* SPDX-License-Identifier: Apache-2.0 */
#include "lease.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

/* An id, a name of an interface, and room for what was written by hand. */
#define LEASE_MAX_BYTES 4096

static int lock(struct leases *leases, struct error *err)
{
	leases->lock_fd =
		openat(leases->dirfd, "lock", O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (leases->lock_fd < 0)
		return error_sys(err, errno, "open the lock of the leases");
	while (flock(leases->lock_fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_sys(err, errno, "lock the leases");
	}
	return 0;
}

/* What is leased is no secret, and nobody else's to change. */
int leases_open(const char *data_dir, const char *network, struct leases *ret, struct error *err)
{
	autofree char *path = xasprintf("%s/%s", data_dir, network);
	int r = dir_make_all(path, 0755, err);

	return r < 0 ? r : leases_open_existing(data_dir, network, ret, err);
}

int leases_open_existing(
	const char *data_dir, const char *network, struct leases *ret, struct error *err)
{
	autofree char *path = xasprintf("%s/%s", data_dir, network);
	struct leases leases = LEASES_CLOSED;
	int r;

	leases.dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (leases.dirfd < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "open %s", path);
	r = lock(&leases, err);
	if (r < 0) {
		leases_close(&leases);
		return r;
	}
	*ret = leases;
	return 0;
}

void leases_close(struct leases *leases)
{
	close_fd(&leases->lock_fd);
	close_fd(&leases->dirfd);
}

static char *holder_text(const char *container_id, const char *ifname)
{
	return xasprintf("%s\r\n%s", container_id, ifname);
}

/*
 * Who has a lease, owned by the caller; NULL when there is none. An empty file is what a crash
 * has left of one: nobody can be writing it, for we have the lock.
 */
static char *read_holder(struct leases *leases, const char *name)
{
	char *text = NULL;
	size_t len;

	if (file_read_at(leases->dirfd, name, LEASE_MAX_BYTES, &text, &len, NULL) < 0)
		return NULL;
	while (len > 0 && strchr("\r\n ", text[len - 1]))
		text[--len] = '\0';
	if (len == 0) {
		free(text);
		return NULL;
	}
	return text;
}

int lease_take(struct leases *leases, const struct ip_address *address, const char *container_id,
	const char *ifname, struct error *err)
{
	autofree char *text = holder_text(container_id, ifname);
	autofree char *holder = NULL;
	char name[IP_TEXT_SIZE];
	int r;

	ip_address_format(address, name);
	holder = read_holder(leases, name);
	if (holder)
		return 0;
	r = file_write_at(leases->dirfd, name, text, strlen(text), 0600, 0, err);
	return r < 0 ? r : 1;
}

/*
 * Calls @visit with the name and the holder of each lease, until it returns a negative value.
 * Other files, such as the lock, are not addresses.
 */
typedef int lease_visitor(
	struct leases *leases, const char *name, const char *holder, void *data, struct error *err);

static int visit_leases(struct leases *leases, lease_visitor *visit, void *data, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	int r = dir_list_at(leases->dirfd, ".", &names, err);

	for (size_t i = 0; r >= 0 && names[i]; i++) {
		struct ip_address address;
		autofree char *holder = NULL;

		if (ip_address_parse(names[i], &address, NULL) < 0)
			continue;
		holder = read_holder(leases, names[i]);
		if (holder)
			r = visit(leases, names[i], holder, data, err);
	}
	return r < 0 ? r : 0;
}

static int end(struct leases *leases, const char *name, struct error *err)
{
	if (unlinkat(leases->dirfd, name, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "end the lease of %s", name);
	return 0;
}

struct count {
	const char *holder;
	int leases;
};

static int count_one(
	struct leases *leases, const char *name, const char *holder, void *data, struct error *err)
{
	struct count *count = data;

	(void)leases;
	(void)name;
	(void)err;
	count->leases += str_eq(holder, count->holder);
	return 0;
}

int leases_count(struct leases *leases, const char *container_id, const char *ifname)
{
	autofree char *holder = holder_text(container_id, ifname);
	struct count count = {.holder = holder};

	return visit_leases(leases, count_one, &count, NULL) < 0 ? 0 : count.leases;
}

static int end_one(
	struct leases *leases, const char *name, const char *holder, void *data, struct error *err)
{
	return str_eq(holder, data) ? end(leases, name, err) : 0;
}

int leases_end(
	struct leases *leases, const char *container_id, const char *ifname, struct error *err)
{
	autofree char *holder = holder_text(container_id, ifname);

	return visit_leases(leases, end_one, holder, err);
}

static int collect_one(
	struct leases *leases, const char *name, const char *holder, void *data, struct error *err)
{
	const struct cni_attachments *valid = data;
	const char *at = strstr(holder, "\r\n");
	autofree char *id = at ? xstrndup(holder, (size_t)(at - holder)) : NULL;

	if (id && cni_attachments_have(valid, id, at + 2))
		return 0;
	return end(leases, name, err);
}

int leases_collect(struct leases *leases, const struct cni_attachments *valid, struct error *err)
{
	struct cni_attachments list = *valid;

	return visit_leases(leases, collect_one, &list, err);
}

static char *last_name(size_t set)
{
	return xasprintf("last_reserved_ip.%zu", set);
}

int lease_last_read(struct leases *leases, size_t set, struct ip_address *ret)
{
	autofree char *name = last_name(set);
	autofree char *text = read_holder(leases, name);

	return text && ip_address_parse(text, ret, NULL) == 0 ? 0 : -ENOENT;
}

int lease_last_write(
	struct leases *leases, size_t set, const struct ip_address *address, struct error *err)
{
	autofree char *name = last_name(set);
	char text[IP_TEXT_SIZE];

	ip_address_format(address, text);
	return file_write_at(leases->dirfd, name, text, strlen(text), 0600, 0, err);
}
