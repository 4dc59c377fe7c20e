/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/str.h"
#include "registry/client.h"

#include "server.h"

#define BLOB_SIZE (4 * 1024 * 1024)
#define OK_MANIFEST "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\"}"
#define JSON "Content-Type: application/json\r\n"

/* The repository's name says how the server behaves. */
static char blob[BLOB_SIZE + 16];
static char *blob_digest;
static char *manifest_digest;
static int port;
static unsigned retries = 3;
static int64_t retry_delay_ns = -1; /* -1: not chosen */

static bool is_for(const struct request *request, const char *repository)
{
	autofree char *prefix = xasprintf("/v2/%s/", repository);

	return str_after(request->path, prefix);
}

static void reply_text(int fd, const char *status, const char *headers, const char *text)
{
	reply(fd, status, headers, text, strlen(text));
}

static void serve_manifest(int fd, const struct request *request)
{
	static char large[5 * 1024 * 1024];

	if (is_for(request, "unknown"))
		reply_text(fd, "404 Not Found", JSON,
			"{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest "
			"unknown\"}]}");
	else if (is_for(request, "evil"))
		reply_text(fd, "403 Forbidden", JSON,
			"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"a\\u001b[31m\\nb\"}]}");
	else if (is_for(request, "schema1"))
		reply_text(fd, "200 OK", "Content-Type: " MEDIA_DOCKER_SCHEMA1_SIGNED "\r\n", "{}");
	else if (is_for(request, "large"))
		reply(fd, "200 OK", "", large, sizeof(large));
	else if (is_for(request, "busy") && request->nth < 3)
		reply_text(fd, "503 Service Unavailable", "Retry-After: 0\r\n", "");
	else if (is_for(request, "broken"))
		reply_text(fd, "500 Internal Server Error", "", "");
	else if (is_for(request, "loop"))
		reply_text(fd, "302 Found", "Location: /v2/loop/manifests/1\r\n", "");
	else if (is_for(request, "hang"))
		sleep(60);
	else
		reply(fd, "200 OK",
			"Content-Type: " MEDIA_OCI_MANIFEST "; charset=utf-8\r\n"
			"Docker-Content-Digest: sha256:"
			"1111111111111111111111111111111111111111111111111111111111111111\r\n",
			OK_MANIFEST, strlen(OK_MANIFEST));
}

static size_t range_start(const struct request *request)
{
	size_t start = 0;

	sscanf(request->range, "bytes=%zu-", &start);
	return start;
}

/* Sends a reply that promises the rest from @start and breaks after @len bytes. */
static void send_part(int fd, size_t start, size_t said, size_t len)
{
	char head[512];

	snprintf(head, sizeof(head),
		"HTTP/1.1 %s\r\nContent-Length: %zu\r\nContent-Range: bytes %zu-%d/%d\r\n\r\n",
		start ? "206 Partial Content" : "200 OK", BLOB_SIZE - start, said, BLOB_SIZE - 1,
		BLOB_SIZE);
	send_all(fd, head, strlen(head));
	send_all(fd, blob + start, len);
}

static void serve_blob(int fd, const struct request *request)
{
	static const char stream[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	size_t start = range_start(request);
	char location[128];

	snprintf(location, sizeof(location), "Location: http://localhost:%d/store/x\r\n", port);
	if (is_for(request, "redirect") || is_for(request, "basic")) {
		reply_text(fd, "307 Temporary Redirect", location, "");
	} else if (is_for(request, "breaks")) {
		size_t rest = BLOB_SIZE - start;

		send_part(fd, start, start, rest < 1500000 ? rest : 1500000);
	} else if (is_for(request, "norange")) {
		send_part(fd, 0, 0, request->nth == 1 ? 1500000 : BLOB_SIZE);
	} else if (is_for(request, "badrange")) {
		send_part(fd, start, start + (start ? 7 : 0),
			request->nth == 1 ? 1000000 : BLOB_SIZE - start);
	} else if (is_for(request, "longer")) {
		send_all(fd, stream, strlen(stream));
		send_all(fd, blob, BLOB_SIZE + 1);
	} else if (is_for(request, "shorter")) {
		send_all(fd, stream, strlen(stream));
		send_all(fd, blob, 1000);
	} else if (is_for(request, "lies")) {
		reply(fd, "200 OK", "", blob, BLOB_SIZE - 1);
	} else if (is_for(request, "changed")) {
		blob[77]++;
		reply(fd, "200 OK", "", blob, BLOB_SIZE);
	} else if (is_for(request, "missing")) {
		reply_text(fd, "404 Not Found", "", "");
	} else {
		reply(fd, "200 OK", "", blob, BLOB_SIZE);
	}
}

/* "basic" wants u:p, "bearer" a token that was asked for with it; true: let through. */
static bool check_access(int fd, const struct request *request)
{
	char bearer[256];

	if (is_for(request, "basic") && !str_eq(request->authorization, "Basic dTpw")) {
		reply_text(fd, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
		return false;
	}
	/* Tokens are good for the first request of each path only. */
	if (is_for(request, "bearer") &&
		(!str_after(request->authorization, "Bearer tok") ||
			(strstr(request->path, "/blobs/") && request->nth == 1))) {
		snprintf(bearer, sizeof(bearer),
			"WWW-Authenticate: Bearer realm=\"http://127.0.0.1:%d/token\",service=\"s "
			"v\","
			"scope=\"repository:bearer:pull\"\r\n",
			port);
		reply_text(fd, "401 Unauthorized", bearer, "");
		return false;
	}
	return true;
}

static void handle(int fd, const struct request *request)
{
	if (str_after(request->path, "/token")) {
		if (str_eq(request->authorization, "Basic dTpib20="))
			reply_text(fd, "401 Unauthorized", "", "{\"details\":\"bad password\"}");
		else if (strstr(request->authorization, "Basic dTpjcg=="))
			reply_text(fd, "200 OK", "", "{\"token\":\"a\\r\\nX: y\"}");
		else
			reply_text(fd, "200 OK", "", "{\"access_token\":\"tok\"}");
	} else if (!check_access(fd, request)) {
		return;
	} else if (strstr(request->path, "/manifests/")) {
		serve_manifest(fd, request);
	} else if (strstr(request->path, "/blobs/") || str_after(request->path, "/store/")) {
		serve_blob(fd, request);
	} else {
		reply_text(fd, "200 OK", "", "{}");
	}
}

static int setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	setenv("REGISTRY_AUTH_FILE", "/does/not/exist", 1);
	setenv("HOME", "/does/not/exist", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("http_proxy");
	for (size_t i = 0; i < sizeof(blob); i++)
		blob[i] = (char)(i * 7 % 251);
	blob_digest = digest_of(blob, BLOB_SIZE);
	manifest_digest = digest_of(OK_MANIFEST, strlen(OK_MANIFEST));
	server_start(handle, &port);
	return registry_global_init(NULL);
}

static int teardown(void **state)
{
	(void)state;
	server_stop();
	free(blob_digest);
	free(manifest_digest);
	return 0;
}

static struct registry *open_with(const char *repository, const char *creds, enum tristate verify)
{
	struct registry_options options = {.creds = creds,
		.tls_verify = verify,
		.retries = retries,
		.has_retry_delay = retry_delay_ns >= 0,
		.retry_delay_ns = retry_delay_ns,
		.stall_timeout_s = 1};
	autofree char *host = xasprintf("127.0.0.1:%d", port);
	autofree char *key = xasprintf("%s/%s", host, repository);
	struct registry_candidate candidate = {
		.host = host, .repository = (char *)repository, .auth_key = key};
	struct registry *registry;

	server_forget();
	assert_int_equal(registry_open(&options, &candidate, &registry, NULL), 0);
	return registry;
}

static struct registry *open_plain(const char *repository)
{
	return open_with(repository, NULL, TRISTATE_FALSE);
}

static void manifest_arrives_with_its_digest(void **state)
{
	AUTO(registry_close) struct registry *registry = open_plain("good");
	AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
	AUTO(registry_manifest_release) struct registry_manifest same = {0};
	autofree char *said = NULL;

	(void)state;
	assert_int_equal(registry_get_manifest(registry, "1", &manifest, NULL), 0);
	assert_string_equal(manifest.bytes, OK_MANIFEST);
	assert_string_equal(manifest.media_type, MEDIA_OCI_MANIFEST);
	assert_string_equal(manifest.digest, manifest_digest);
	assert_int_equal(registry_get_manifest(registry, manifest_digest, &same, NULL), 0);
	assert_int_equal(registry_head_manifest(registry, "1", &said, NULL), 0);
	assert_non_null(said);
	assert_string_equal(server_request(2)->method, "HEAD");
}

static void manifest_errors_are_one_clear_line(void **state)
{
	static const struct {
		const char *repository, *reference;
		int code;
		const char *words;
	} cases[] = {
		{"unknown", "1", ENOENT, "/unknown: manifest unknown"},
		{"evil", "1", EACCES, "denied: a [31m b"},
		{"schema1", "1", EPROTONOSUPPORT, "schema 1"},
		{"large", "1", EFBIG, "larger than 4194304 bytes"},
		{"broken", "1", EIO, "HTTP status 500"},
		{"loop", "1", ELOOP, "redirects"},
		{"hang", "1", ETIMEDOUT, "does not answer"},
		{"basic", "1", EACCES, "unauthorized: authentication required"},
		{"good", "a/../b", EINVAL, "neither tag nor digest"},
		{"good", "sha256:1111111111111111111111111111111111111111111111111111111111111111",
			EBADMSG, "digest mismatch"},
	};

	(void)state;
	retries = 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(registry_close) struct registry *registry = open_plain(cases[i].repository);
		struct registry_manifest manifest = {0};
		struct error err = {0};
		int r = registry_get_manifest(registry, cases[i].reference, &manifest, &err);

		if (r != -cases[i].code || !strstr(err.text, cases[i].words))
			fail_msg("%s: %d %s", cases[i].repository, r, err.text);
		assert_null(strpbrk(err.text, "\n\033"));
		assert_null(manifest.bytes);
	}
	retries = 3;
}

static void busy_server_is_asked_again(void **state)
{
	AUTO(registry_close) struct registry *registry = open_plain("busy");
	AUTO(registry_manifest_release) struct registry_manifest manifest = {0};

	(void)state;
	assert_int_equal(registry_get_manifest(registry, "1", &manifest, NULL), 0);
	assert_non_null(server_request(2));
	assert_null(server_request(3));
}

/* The second pause is no longer than the first, and there is none where that was asked for. */
static void chosen_pause_is_kept_to(void **state)
{
	static const int64_t delays[] = {0, 300000000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
		AUTO(registry_manifest_release) struct registry_manifest manifest = {0};
		AUTO(registry_close) struct registry *registry = NULL;
		int64_t begin_ns, took_ns;

		retry_delay_ns = delays[i];
		registry = open_plain("busy");
		begin_ns = clock_monotonic_ns();
		assert_int_equal(registry_get_manifest(registry, "1", &manifest, NULL), 0);
		took_ns = clock_monotonic_ns() - begin_ns;
		assert_true(took_ns >= 2 * delays[i]);
		assert_true(took_ns < 2 * delays[i] + 250000000);
	}
	retry_delay_ns = -1;
}

static void plain_http_needs_permission(void **state)
{
	AUTO(registry_close) struct registry *registry = open_with("good", NULL, TRISTATE_UNSET);
	struct registry_manifest manifest = {0};
	struct error err = {0};

	(void)state;
	assert_true(registry_get_manifest(registry, "1", &manifest, &err) < 0);
	assert_null(server_request(0));
}

/* Collects what was written, so that order and repetition show. */
struct sink {
	struct strbuf buf;
	int result;
	unsigned done;
};

static int sink_write(void *data, const void *bytes, size_t len)
{
	struct sink *sink = data;

	strbuf_add(&sink->buf, bytes, len);
	return sink->result;
}

static int sink_done(void *data)
{
	((struct sink *)data)->done++;
	return 0;
}

static int fetch(struct registry *registry, uint64_t offset, struct sink *sink, struct error *err)
{
	struct registry_blob wanted = {.digest = blob_digest,
		.size = BLOB_SIZE,
		.offset = offset,
		.write = sink_write,
		.done = sink_done,
		.data = sink};

	return registry_get_blobs(registry, &wanted, 1, 2, NULL, NULL, err);
}

static void blobs_arrive_whole_over_every_obstacle(void **state)
{
	static const struct {
		const char *repository, *creds;
		size_t offset;
	} cases[] = {
		{"good", NULL, 0},
		{"good", NULL, 1000},
		{"good", NULL, BLOB_SIZE},
		{"redirect", NULL, 0},
		{"breaks", NULL, 0},
		{"breaks", NULL, 12345},
		{"norange", NULL, 0},
		{"badrange", NULL, 0},
		{"basic", "u:p", 0},
		{"bearer", "u:p", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(registry_close)
		struct registry *registry =
			open_with(cases[i].repository, cases[i].creds, TRISTATE_FALSE);
		struct sink sink = {0};
		struct error err = {0};

		if (fetch(registry, cases[i].offset, &sink, &err) < 0)
			fail_msg("%s: %s", cases[i].repository, err.text);
		assert_int_equal(sink.buf.len, BLOB_SIZE - cases[i].offset);
		if (sink.buf.len)
			assert_memory_equal(sink.buf.data, blob + cases[i].offset, sink.buf.len);
		assert_int_equal(sink.done, 1);
		strbuf_release(&sink.buf);
	}
}

static void broken_transfers_ask_for_the_rest(void **state)
{
	AUTO(registry_close) struct registry *registry = open_plain("breaks");
	struct sink sink = {0};

	(void)state;
	assert_int_equal(fetch(registry, 0, &sink, NULL), 0);
	assert_string_equal(server_request(0)->range, "");
	assert_string_equal(server_request(1)->range, "bytes=1500000-");
	assert_string_equal(server_request(2)->range, "bytes=3000000-");
	assert_null(server_request(3));
	strbuf_release(&sink.buf);
}

static void other_hosts_do_not_see_our_credentials(void **state)
{
	AUTO(registry_close) struct registry *registry = open_with("basic", "u:p", TRISTATE_FALSE);
	struct sink sink = {0};

	(void)state;
	assert_int_equal(fetch(registry, 0, &sink, NULL), 0);
	assert_string_equal(server_request(1)->authorization, "Basic dTpw");
	assert_string_equal(server_request(2)->path, "/store/x");
	assert_string_equal(server_request(2)->authorization, "");
	strbuf_release(&sink.buf);
}

static void lying_servers_are_found_out(void **state)
{
	static const struct {
		const char *repository;
		int code;
		const char *words;
	} cases[] = {
		{"longer", EBADMSG, "more bytes than the manifest says"},
		{"shorter", EBADMSG, "fewer bytes than the manifest says"},
		{"lies", EBADMSG, "size mismatch"},
		{"changed", EBADMSG, "digest mismatch"},
		{"missing", ENOENT, "blob unknown"},
	};

	(void)state;
	retries = 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(registry_close) struct registry *registry = open_plain(cases[i].repository);
		struct sink sink = {0};
		struct error err = {0};
		int r = fetch(registry, 0, &sink, &err);

		if (r != -cases[i].code || !strstr(err.text, cases[i].words))
			fail_msg("%s: %d %s", cases[i].repository, r, err.text);
		assert_int_equal(sink.done, 0);
		assert_true(sink.buf.len <= BLOB_SIZE);
		strbuf_release(&sink.buf);
	}
	retries = 3;
}

static void writer_can_stop_the_download(void **state)
{
	AUTO(registry_close) struct registry *registry = open_plain("good");
	struct sink sink = {.result = -ENOSPC};

	(void)state;
	assert_int_equal(fetch(registry, 0, &sink, NULL), -ENOSPC);
	strbuf_release(&sink.buf);
}

static int count_progress(void *data, size_t number, uint64_t bytes)
{
	uint64_t *last = data;

	assert_true(number < 6);
	assert_true(bytes >= last[number]);
	last[number] = bytes;
	return 0;
}

static void several_blobs_come_at_once(void **state)
{
	AUTO(registry_close) struct registry *registry = open_plain("good");
	struct registry_blob blobs[6];
	struct sink sinks[6] = {0};
	uint64_t progress[6] = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(blobs); i++)
		blobs[i] = (struct registry_blob){.digest = blob_digest,
			.size = BLOB_SIZE,
			.write = sink_write,
			.done = sink_done,
			.data = &sinks[i]};
	assert_int_equal(registry_get_blobs(registry, blobs, ARRAY_SIZE(blobs), 3, count_progress,
				 progress, NULL),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(blobs); i++) {
		assert_int_equal(progress[i], BLOB_SIZE);
		assert_int_equal(sinks[i].done, 1);
		assert_memory_equal(sinks[i].buf.data, blob, BLOB_SIZE);
		strbuf_release(&sinks[i].buf);
	}
}

static void tokens_are_asked_for_with_scope(void **state)
{
	AUTO(registry_close) struct registry *registry = open_with("bearer", "u:p", TRISTATE_FALSE);
	AUTO(registry_manifest_release) struct registry_manifest manifest = {0};

	(void)state;
	assert_int_equal(registry_get_manifest(registry, "1", &manifest, NULL), 0);
	assert_string_equal(server_request(1)->path,
		"/token?service=s%20v&scope=repository%3Abearer%3Apull&account=u");
	assert_string_equal(server_request(1)->authorization, "Basic dTpw");
	assert_string_equal(server_request(2)->authorization, "Bearer tok");
}

static void bad_tokens_are_refused(void **state)
{
	static const struct {
		const char *creds, *words;
		int code;
	} cases[] = {
		{"u:bom", "unauthorized: authentication required (bad password)", EACCES},
		{"u:cr", "missing or malformed", EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(registry_close)
		struct registry *registry = open_with("bearer", cases[i].creds, TRISTATE_FALSE);
		struct registry_manifest manifest = {0};
		struct error err = {0};
		int r = registry_get_manifest(registry, "1", &manifest, &err);

		if (r != -cases[i].code || !strstr(err.text, cases[i].words))
			fail_msg("%d %s", r, err.text);
	}
}

static void login_is_checked_at_the_registry(void **state)
{
	struct registry_options options = {.tls_verify = TRISTATE_FALSE, .retries = 1};
	autofree char *host = xasprintf("127.0.0.1:%d", port);
	struct error err = {0};

	(void)state;
	server_forget();
	assert_int_equal(registry_login_check(&options, host, "u", "p", &err), 0);
	assert_string_equal(server_request(0)->path, "/v2/");
	assert_int_equal(registry_login_check(&options, "a/b", "u", "p", &err), -EINVAL);
	assert_int_equal(registry_login_check(&options, "../x", "u", "p", &err), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifest_arrives_with_its_digest),
		cmocka_unit_test(manifest_errors_are_one_clear_line),
		cmocka_unit_test(busy_server_is_asked_again),
		cmocka_unit_test(chosen_pause_is_kept_to),
		cmocka_unit_test(plain_http_needs_permission),
		cmocka_unit_test(blobs_arrive_whole_over_every_obstacle),
		cmocka_unit_test(broken_transfers_ask_for_the_rest),
		cmocka_unit_test(other_hosts_do_not_see_our_credentials),
		cmocka_unit_test(lying_servers_are_found_out),
		cmocka_unit_test(writer_can_stop_the_download),
		cmocka_unit_test(several_blobs_come_at_once),
		cmocka_unit_test(tokens_are_asked_for_with_scope),
		cmocka_unit_test(bad_tokens_are_refused),
		cmocka_unit_test(login_is_checked_at_the_registry),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
