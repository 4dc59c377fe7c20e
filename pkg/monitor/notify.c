/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "format/utf8.h"
#include "sys/file.h"

#define VARIABLE "NOTIFY_SOCKET"
#define DIRECTORY "notify" /* in the run directory */
#define SOCKET "notify.sock"
#define TARGET_DIRECTORY "/run/notify" /* in the container, as with podman and crun */
#define MAX_STATUS 256

/* A path, or "@name" for one in the abstract namespace. */
static int set_address(const char *text, struct sockaddr_un *ret, socklen_t *ret_len)
{
	size_t len = strlen(text);

	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len < 2 || len >= sizeof(ret->sun_path) || (*text != '/' && *text != '@'))
		return -EINVAL;
	memcpy(ret->sun_path, text, len);
	if (*text == '@')
		ret->sun_path[0] = '\0';
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*text == '/'));
	return 0;
}

static void send_text(const char *target, const char *text)
{
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	socklen_t len = 0;
	int r = fd < 0 ? -errno : set_address(target, &address, &len);

	if (r == 0 &&
		sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, len) < 0)
		r = -errno;
	if (r < 0)
		log_warn("notify %s: %s", target, strerror(-r));
}

/* Through the descriptor: a path of a run directory may be longer than an address can hold. */
static int bind_socket(int dirfd, struct error *err)
{
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (fd < 0)
		return error_sys(err, errno, "socket");
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" SOCKET, dirfd);
	unlinkat(dirfd, SOCKET, 0);
	/* Whoever is a user in the container may say that it is ready. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		fchmodat(dirfd, SOCKET, 0666, 0) < 0)
		return error_sys(err, errno, SOCKET);
	return take_fd(fd);
}

static int make_proxy(int run_dirfd, struct error *err)
{
	autoclose int dirfd = -1;

	if (mkdirat(run_dirfd, DIRECTORY, 0755) < 0 && errno != EEXIST)
		return error_sys(err, errno, "make directory " DIRECTORY);
	dirfd = dir_open_at(run_dirfd, DIRECTORY, err);
	if (dirfd < 0)
		return dirfd;
	if (fchmod(dirfd, 0755) < 0) /* whatever our umask is */
		return error_sys(err, errno, "directory " DIRECTORY);
	return bind_socket(dirfd, err);
}

/* A later life finds the mount there. */
static void add_to_spec(const char *source, struct spec *spec)
{
	char *options[] = {(char *)"bind", (char *)"ro", (char *)"nosuid", (char *)"nodev",
		(char *)"noexec", (char *)"rprivate", NULL};

	strv_env_set(&spec->process.env, VARIABLE, TARGET_DIRECTORY "/" SOCKET);
	if (!spec_find_mount(spec, TARGET_DIRECTORY))
		spec_add_mount(spec, TARGET_DIRECTORY, "bind", source, options);
}

int notify_prepare(struct notify *notify, struct store *store,
	const struct container_record *record, struct spec *spec, struct error *err)
{
	const char *target = getenv(VARIABLE);
	autofree char *source = NULL;
	autoclose int run = -1;
	int fd;

	if (str_is_empty(target) || str_eq(record->sdnotify, "ignore"))
		return 0;
	notify->target = target;
	notify->is_ready_by_start = str_eq(record->sdnotify, "conmon");
	if (notify->is_ready_by_start)
		return 0;
	run = container_run_dir(store, record->id, err);
	fd = run < 0 ? run : make_proxy(run, err);
	if (fd < 0)
		return fd;
	notify->proxy.fd = fd;
	source = xasprintf("%s/containers/%s/" DIRECTORY, store->run, record->id);
	add_to_spec(source, spec);
	return 0;
}

static void on_message(void *data)
{
	struct notify *notify = data;
	char message[NOTIFY_MAX_MESSAGE];
	/* Descriptors that come with it are closed by the kernel, for there is no room for them. */
	ssize_t len = recv(notify->proxy.fd, message, sizeof(message), MSG_DONTWAIT | MSG_TRUNC);
	autofree char *text = NULL;

	if (len < 0 || (size_t)len > sizeof(message)) /* what is too long is nobody's status */
		return;
	text = notify_filter(message, (size_t)len, getpid());
	if (*text)
		send_text(notify->target, text);
}

void notify_begin(struct notify *notify, struct relay *relay)
{
	autofree char *text = xasprintf(
		"MAINPID=%d\n%s", (int)getpid(), notify->is_ready_by_start ? "READY=1\n" : "");

	if (!notify->target)
		return;
	/* Before the command that started us ends, whose end would be taken for the service's. */
	send_text(notify->target, text);
	if (notify->proxy.fd < 0)
		return;
	notify->proxy.ready = on_message;
	notify->proxy.data = notify;
	relay_watch(relay, &notify->proxy);
}

void notify_end(struct notify *notify)
{
	close_fd(&notify->proxy.fd);
	*notify = (struct notify)NOTIFY_INIT;
}

static bool is_number(const char *text, size_t len)
{
	return len > 0 && len <= 20 && strspn(text, "0123456789") >= len;
}

static bool is_clean_text(const char *text, size_t len)
{
	if (len > MAX_STATUS)
		return false;
	while (len > 0) {
		uint32_t code;
		size_t used = utf8_decode(text, len, &code);

		if (utf8_is_unsafe(code))
			return false;
		text += used;
		len -= used;
	}
	return true;
}

static bool is_one(const char *text, size_t len)
{
	return len == 1 && *text == '1';
}

static const struct {
	const char *key;
	bool (*is_good)(const char *value, size_t len);
} passed_on[] = {
	{"READY=", is_one},
	{"RELOADING=", is_one},
	{"STOPPING=", is_one},
	{"WATCHDOG=", is_one},
	{"ERRNO=", is_number},
	{"EXTEND_TIMEOUT_USEC=", is_number},
	{"MONOTONIC_USEC=", is_number},
	{"WATCHDOG_USEC=", is_number},
	{"STATUS=", is_clean_text},
};

static void filter_line(const char *line, size_t len, pid_t pid, struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++) {
		size_t key_len = strlen(passed_on[i].key);

		if (len < key_len || memcmp(line, passed_on[i].key, key_len) != 0 ||
			!passed_on[i].is_good(line + key_len, len - key_len))
			continue;
		if (i == 0)
			strbuf_addf(out, "MAINPID=%d\n", (int)pid);
		strbuf_add(out, line, len);
		strbuf_adds(out, "\n");
		return;
	}
}

char *notify_filter(const char *message, size_t len, pid_t pid)
{
	AUTO(strbuf_release) struct strbuf out = STRBUF_INIT;
	/* With a zero at its end, for those who look for one. */
	autofree char *text = xstrndup(message, len);
	size_t end = strlen(text);

	for (size_t at = 0; at < end;) {
		size_t line = strcspn(text + at, "\n");

		filter_line(text + at, line, pid, &out);
		at += line + 1;
	}
	return strbuf_take(&out);
}
