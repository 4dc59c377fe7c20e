/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <strings.h>

#include "base/str.h"
#include "registry/internal.h"

/* Large reads: a system call and a hash update per 16 KiB would cost a tenth of a core. */
#define RECEIVE_BUFFER_BYTES (256L * 1024)

static void forget_reply(struct exchange *exchange)
{
	free(exchange->content_type);
	free(exchange->content_range);
	free(exchange->content_digest);
	free(exchange->retry_after);
	exchange->content_type = NULL;
	exchange->content_range = NULL;
	exchange->content_digest = NULL;
	exchange->retry_after = NULL;
	challenges_release(&exchange->challenges);
	strbuf_release(&exchange->body);
	exchange->body_too_long = false;
}

void exchange_init(struct exchange *exchange)
{
	memset(exchange, 0, sizeof(*exchange));
	exchange->easy = curl_easy_init();
	if (!exchange->easy)
		abort();
	exchange->body_max = REPLY_MAX_BYTES;
}

void exchange_reset(struct exchange *exchange)
{
	forget_reply(exchange);
	curl_slist_free_all(exchange->headers);
	exchange->headers = NULL;
	exchange->curl_text[0] = '\0';
	exchange->sink_failed = false;
	curl_easy_reset(exchange->easy);
}

void exchange_release(struct exchange *exchange)
{
	forget_reply(exchange);
	curl_easy_cleanup(exchange->easy);
	curl_slist_free_all(exchange->headers);
	exchange->easy = NULL;
	exchange->headers = NULL;
}

long exchange_status(const struct exchange *exchange)
{
	long status = 0;

	curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

void exchange_add_header(struct exchange *exchange, const char *name, const char *value)
{
	autofree char *line = xasprintf("%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(exchange->headers, line);

	if (!longer)
		abort();
	exchange->headers = longer;
	curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, longer);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct exchange *exchange = data;
	size_t len = size * count;
	long status = exchange_status(exchange);

	if (exchange->sink && (status == 200 || status == 206)) {
		if (exchange->sink(exchange->sink_data, exchange, bytes, len) == 0)
			return len;
		exchange->sink_failed = true;
		return 0;
	}
	if (exchange->body.len + len > exchange->body_max) {
		exchange->body_too_long = true;
		return 0;
	}
	strbuf_add(&exchange->body, bytes, len);
	return len;
}

static void keep_header(char **ret, const char *value)
{
	free(*ret);
	*ret = xstrdup(value);
}

static size_t on_header(char *line, size_t size, size_t count, void *data)
{
	struct exchange *exchange = data;
	size_t len = size * count;
	autofree char *text = xstrndup(line, len);
	char *value;

	/* A new status line: interim replies and those of proxies came before. */
	if (str_after(text, "HTTP/")) {
		forget_reply(exchange);
		return len;
	}
	value = strchr(text, ':');
	if (!value)
		return len;
	*value++ = '\0';
	value += strspn(value, " \t");
	for (size_t end = strlen(value); end && strchr(" \t\r\n", value[end - 1]); end--)
		value[end - 1] = '\0';
	if (strcasecmp(text, "WWW-Authenticate") == 0)
		challenges_add(&exchange->challenges, value);
	else if (strcasecmp(text, "Content-Type") == 0)
		keep_header(&exchange->content_type, value);
	else if (strcasecmp(text, "Content-Range") == 0)
		keep_header(&exchange->content_range, value);
	else if (strcasecmp(text, "Docker-Content-Digest") == 0)
		keep_header(&exchange->content_digest, value);
	else if (strcasecmp(text, "Retry-After") == 0)
		keep_header(&exchange->retry_after, value);
	return len;
}

static void set_tls(CURL *easy, const struct registry *registry, bool is_own)
{
	const struct tls_files *tls = &registry->tls;

	if (registry->plain_allowed) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (tls->authorities) {
		struct curl_blob blob = {tls->authorities, tls->authorities_len, CURL_BLOB_NOCOPY};

		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
	}
	/* Who we are is for the registry, not for where it sends us. */
	if (is_own && tls->certificate) {
		curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate);
		curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key);
	}
}

static void set_limits(CURL *easy, const struct registry *registry)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)registry->stall_timeout_s);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_BYTES);
	/* One blob per connection: a connection that breaks costs one transfer, not all. */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

void exchange_prepare(
	struct exchange *exchange, const struct registry *registry, const char *url, bool is_own)
{
	CURL *easy = exchange->easy;

	exchange_reset(exchange);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	/* Redirects are followed by attempt_judge(), which knows what must not go along. */
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(
		easy, CURLOPT_PROTOCOLS_STR, registry->plain_allowed ? "http,https" : "https");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, registry->user_agent);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_text);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	set_tls(easy, registry, is_own);
	set_limits(easy, registry);
	if (is_own && registry->authorization)
		exchange_add_header(exchange, "Authorization", registry->authorization);
}
