/* SPDX-License-Identifier: Apache-2.0 */
#include "fake-registry.h"

#include <arpa/inet.h>
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"

static void send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put = send(fd, data, len, MSG_NOSIGNAL);

		if (put <= 0)
			return;
		data += put;
		len -= (size_t)put;
	}
}

static void send_route(int fd, struct fake_route *route, bool is_head, const char *range)
{
	size_t begin = range ? strtoul(range, NULL, 10) : 0;
	size_t end = route->cut && route->cut < route->len ? route->cut : route->len;
	char head[1024];
	int len;

	route->range = begin;
	if (begin > route->len)
		begin = route->len;
	len = snprintf(head, sizeof(head),
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
		range ? "206 Partial Content" : "200 OK", route->type, route->len - begin);
	if (range)
		len += snprintf(head + len, sizeof(head) - (size_t)len,
			"Content-Range: bytes %zu-%zu/%zu\r\n", begin, route->len - 1, route->len);
	len += snprintf(head + len, sizeof(head) - (size_t)len, "Connection: close\r\n\r\n");
	send_all(fd, head, (size_t)len);
	if (!is_head && end > begin)
		send_all(fd, route->body + begin, end - begin);
}

static void answer(struct fake_registry *registry, int fd)
{
	static const char missing[] =
		"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
		"Content-Length: 69\r\nConnection: close\r\n\r\n"
		"{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}";
	char request[8192], method[16], path[512];
	char *range;
	size_t len = 0;
	ssize_t got;

	while (len < sizeof(request) - 1) {
		got = recv(fd, request + len, sizeof(request) - 1 - len, 0);
		if (got <= 0)
			return;
		len += (size_t)got;
		request[len] = '\0';
		/* A TLS handshake: clients try that first. */
		if (request[0] == 0x16)
			return;
		if (strstr(request, "\r\n\r\n"))
			break;
	}
	if (sscanf(request, "%15s %511s", method, path) != 2)
		return;
	range = strstr(request, "ange: bytes=");
	for (size_t i = 0; i < registry->count; i++) {
		if (strcmp(registry->routes[i].path, path) != 0)
			continue;
		registry->routes[i].hits++;
		send_route(fd, &registry->routes[i], strcmp(method, "HEAD") == 0,
			range ? range + strlen("ange: bytes=") : NULL);
		return;
	}
	send_all(fd, missing, sizeof(missing) - 1);
}

static void serve(struct fake_registry *registry, int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		answer(registry, fd);
		shutdown(fd, SHUT_RDWR);
		close(fd);
	}
}

struct fake_registry *fake_registry_start(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	pid_t pid;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct fake_registry *registry = mmap(
		NULL, sizeof(*registry), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert(registry != MAP_FAILED);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	assert(listen(listener, 32) == 0);
	assert(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
	snprintf(registry->host, sizeof(registry->host), "127.0.0.1:%d", ntohs(address.sin_port));
	fake_put(registry, "/v2/", "application/json", "{}", 2);
	pid = fork();
	assert(pid >= 0);
	if (pid == 0)
		serve(registry, listener);
	registry->pid = pid;
	close(listener);
	return registry;
}

void fake_registry_stop(struct fake_registry *registry)
{
	kill(registry->pid, SIGKILL);
	waitpid(registry->pid, NULL, 0);
	munmap(registry, sizeof(*registry));
}

struct fake_route *fake_put(struct fake_registry *registry, const char *path, const char *type,
	const void *body, size_t len)
{
	struct fake_route *route = NULL;

	assert(len <= FAKE_MAX_BODY);
	for (size_t i = 0; i < registry->count; i++) {
		if (strcmp(registry->routes[i].path, path) == 0)
			route = &registry->routes[i];
	}
	if (!route) {
		assert(registry->count < FAKE_MAX_ROUTES);
		route = &registry->routes[registry->count++];
	}
	memset(route, 0, offsetof(struct fake_route, body));
	snprintf(route->path, sizeof(route->path), "%s", path);
	snprintf(route->type, sizeof(route->type), "%s", type);
	memcpy(route->body, body, len);
	route->len = len;
	return route;
}

char *fake_put_blob(struct fake_registry *registry, const char *name, const void *body, size_t len)
{
	char *digest = digest_of(body, len);
	autofree char *path = xasprintf("/v2/%s/blobs/%s", name, digest);

	fake_put(registry, path, "application/octet-stream", body, len);
	return digest;
}

char *fake_put_manifest(struct fake_registry *registry, const char *name, const char *tag,
	const char *type, const char *body)
{
	char *digest = digest_of(body, strlen(body));
	autofree char *path = xasprintf("/v2/%s/manifests/%s", name, digest);
	autofree char *tag_path = xasprintf("/v2/%s/manifests/%s", name, tag ? tag : "");

	fake_put(registry, path, type, body, strlen(body));
	if (tag)
		fake_put(registry, tag_path, type, body, strlen(body));
	return digest;
}

struct fake_route *fake_blob(struct fake_registry *registry, const char *name, const char *digest)
{
	autofree char *path = xasprintf("/v2/%s/blobs/%s", name, digest);

	for (size_t i = 0; i < registry->count; i++) {
		if (strcmp(registry->routes[i].path, path) == 0)
			return &registry->routes[i];
	}
	abort();
}
