/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "sys/dirs.h"
#include "sys/file.h"

#define STATE_MAX_BYTES 65536
#define TERM_TIMEOUT_MS 500
#define END_TIMEOUT_MS 2000

static const struct json_field state_fields[] = {
	JSON_STRING(struct slirp_state, container_id, "containerId", JSON_REQUIRED),
	JSON_STRING(struct slirp_state, ifname, "ifName", JSON_REQUIRED),
	JSON_STRING(struct slirp_state, network, "networkName", JSON_REQUIRED),
	JSON_STRING(struct slirp_state, netns, "netns"),
	JSON_BOOL(struct slirp_state, ipv6, "ipv6"),
	JSON_BOOL(struct slirp_state, publishes, "publishes"),
	JSON_OBJECT(struct slirp_state, process, "process", process_id_fields),
	JSON_END,
};

int state_dir_open(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		int r = dir_make_all(path, 0700, err);

		if (r == 0)
			r = dirs_make_private(path, err);
		if (r < 0)
			return error_wrap(err, r, "stateDir");
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return fd < 0 ? error_sys(err, errno, "stateDir %s", path) : fd;
}

char *state_name(const char *container_id, const char *ifname)
{
	return xasprintf("%s-%s.json", container_id, ifname);
}

int state_write(int dirfd, const struct slirp_state *state, struct error *err)
{
	autofree char *name = state_name(state->container_id, state->ifname);
	autofree char *text = json_write(state_fields, state, true);
	int r = file_write_at(dirfd, name, text, strlen(text), 0600, FILE_WRITE_LOCKED, err);

	return r < 0 ? error_wrap(err, r, "state") : 0;
}

int state_read(int dirfd, const char *name, struct slirp_state *ret, struct error *err)
{
	AUTO(state_release) struct slirp_state state = {0};
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, name, STATE_MAX_BYTES, &text, &len, err);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = json_read(text, len, name, state_fields, &state, err);
	if (r < 0)
		return error_wrap(err, r, "state");
	*ret = state;
	state = (struct slirp_state){0};
	return 1;
}

int state_process(const struct slirp_state *state)
{
	return process_id_open(&state->process);
}

/*
 * The process has nothing to save. Its descriptors go before it counts as ended, and with the tap's
 * the kernel waits until nobody looks at the interface any more; SIGTERM makes it keep that.
 */
static int end_process(const struct slirp_state *state, bool keep_interface, struct error *err)
{
	autoclose int pidfd = state_process(state);
	int r;

	if (pidfd == -ESRCH)
		return 0;
	r = pidfd < 0 ? pidfd : pidfd_signal(pidfd, keep_interface ? SIGTERM : SIGKILL);
	/* Nobody has use for what it still holds. */
	if (r == 0 && keep_interface && !state->publishes)
		return 0;
	if (r == 0 && keep_interface && pidfd_wait_end(pidfd, TERM_TIMEOUT_MS) == 0)
		r = pidfd_signal(pidfd, SIGKILL);
	if (r == -ESRCH)
		return 0;
	if (r == 0)
		r = pidfd_wait_end(pidfd, END_TIMEOUT_MS);
	if (r == 0)
		return error_set(err, EAGAIN, "process %d does not end", (int)state->process.pid);
	return r < 0 ? error_sys(err, -r, "end process %d", (int)state->process.pid) : 0;
}

int state_end(int dirfd, const char *name, bool keep_interface, struct error *err)
{
	AUTO(state_release) struct slirp_state state = {0};
	struct error problem = {0};
	int r = state_read(dirfd, name, &state, &problem);

	/* ADD may have been killed while it wrote. */
	if (r == 0)
		return file_remove_at(dirfd, name, err);
	/* A damaged file names nobody; its process ends with the container. */
	if (r == 1)
		r = end_process(&state, keep_interface, err);
	else if (r != -EBADMSG)
		return error_wrap(err, r, "%s", error_text(&problem));
	if (r < 0 && r != -EBADMSG)
		return r;
	return file_remove_at(dirfd, name, err);
}

void state_remove(int dirfd, const char *container_id, const char *ifname)
{
	autofree char *name = state_name(container_id, ifname);

	file_remove_at(dirfd, name, NULL);
}

void state_release(struct slirp_state *state)
{
	json_release(state_fields, state);
	*state = (struct slirp_state){0};
}
