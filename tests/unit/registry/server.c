/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_REQUESTS 64

struct shared {
	size_t count;
	struct request requests[MAX_REQUESTS];
};

static struct shared *shared;
static pid_t child;

void send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

void reply(int fd, const char *status, const char *headers, const void *body, size_t len)
{
	char head[2048];
	int n = snprintf(head, sizeof(head),
		"HTTP/1.1 %s\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n", status,
		headers, len);

	send_all(fd, head, (size_t)n);
	send_all(fd, body, len);
}

static void copy_header(const char *head, const char *name, char *ret, size_t size)
{
	const char *at = strcasestr(head, name);

	if (at)
		snprintf(ret, size, "%.*s", (int)strcspn(at + strlen(name), "\r\n"),
			at + strlen(name));
}

/* Reads head and body; false for what is no request, such as the beginning of TLS. */
static bool read_request(int fd, struct request *request)
{
	char head[8192] = {0};
	size_t len = 0;
	char *end = NULL;
	char length[16] = "";

	while (!end && len < sizeof(head) - 1) {
		ssize_t n = read(fd, head + len, sizeof(head) - 1 - len);

		if (n <= 0 || (unsigned char)head[0] == 0x16)
			return false;
		len += (size_t)n;
		end = strstr(head, "\r\n\r\n");
	}
	if (!end || sscanf(head, "%7s %511s", request->method, request->path) != 2)
		return false;
	copy_header(head, "\r\nRange: ", request->range, sizeof(request->range));
	copy_header(head, "\r\nAuthorization: ", request->authorization,
		sizeof(request->authorization));
	copy_header(head, "\r\nContent-Length: ", length, sizeof(length));
	while (len < (size_t)(end + 4 - head) + (size_t)atoi(length) && len < sizeof(head) - 1) {
		ssize_t n = read(fd, head + len, sizeof(head) - 1 - len);

		if (n <= 0)
			return false;
		len += (size_t)n;
	}
	snprintf(request->body, sizeof(request->body), "%.511s", end + 4);
	return true;
}

static void note_request(struct request *request)
{
	request->nth = 1;
	for (size_t i = 0; i < shared->count; i++)
		request->nth += strcmp(shared->requests[i].path, request->path) == 0;
	if (shared->count < MAX_REQUESTS)
		shared->requests[shared->count++] = *request;
}

/* A connection each in its own process: a reply that hangs must not stop the others. */
static void serve(int listener, server_handler handler)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		struct request request = {0};
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (read_request(fd, &request)) {
			note_request(&request);
			if (fork() == 0) {
				handler(fd, &request);
				_exit(0);
			}
		}
		close(fd);
	}
}

void server_start(server_handler handler, int *ret_port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || bind(listener, (struct sockaddr *)&address, len) < 0 ||
		listen(listener, 64) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &len) < 0)
		abort();
	/* Before the child is made: its replies name the port. */
	*ret_port = ntohs(address.sin_port);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listener, handler);
	}
	close(listener);
}

void server_stop(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

const struct request *server_request(size_t number)
{
	return number < shared->count ? &shared->requests[number] : NULL;
}

void server_forget(void)
{
	memset(shared, 0, sizeof(*shared));
}
