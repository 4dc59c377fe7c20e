/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "registry/internal.h"

void attempt_release(struct attempt *attempt)
{
	free(attempt->redirect_url);
	attempt->redirect_url = NULL;
}

void attempt_prepare(
	struct attempt *attempt, struct exchange *exchange, const struct registry *registry)
{
	autofree char *url = NULL;

	attempt->wait_ns = 0;
	attempt->serial = registry->authorization_serial;
	attempt->was_plain = registry->is_plain;
	if (attempt->redirect_url) {
		exchange_prepare(
			exchange, registry, attempt->redirect_url, attempt->redirect_is_own);
		return;
	}
	url = xasprintf(
		"%s://%s%s", registry->is_plain ? "http" : "https", registry->host, attempt->path);
	exchange_prepare(exchange, registry, url, true);
}

/* Back to the registry itself: an address from a redirect may be good only once. */
static void start_over(struct attempt *attempt)
{
	free(attempt->redirect_url);
	attempt->redirect_url = NULL;
	attempt->redirect_is_own = false;
	attempt->redirects = 0;
}

/* Seconds or a date (RFC 9110, 10.2.3); 0 when there is none. */
static int64_t retry_after_ns(const struct exchange *exchange)
{
	uint64_t seconds;
	time_t when;

	if (!exchange->retry_after)
		return 0;
	if (str_to_u64(exchange->retry_after, 10, &seconds) == 0)
		return seconds > RETRY_MAX_WAIT_S ? RETRY_MAX_WAIT_S * NS_PER_S
						  : (int64_t)seconds * NS_PER_S;
	when = curl_getdate(exchange->retry_after, NULL);
	if (when < 0)
		return 0;
	when -= time(NULL);
	if (when <= 0)
		return 0;
	return (when > RETRY_MAX_WAIT_S ? RETRY_MAX_WAIT_S : (int64_t)when) * NS_PER_S;
}

/* The pause that a person chose, or one that doubles with each failure. */
static int64_t backoff_ns(const struct attempt *attempt, const struct registry *registry)
{
	int64_t wait_ns = RETRY_FIRST_WAIT_NS;

	if (registry->has_retry_delay)
		return registry->retry_delay_ns;
	for (unsigned i = 1; i < attempt->failures && wait_ns < RETRY_MAX_WAIT_S * NS_PER_S; i++)
		wait_ns *= 2;
	/* Up to a quarter more, so that many clients do not come back at once. */
	return wait_ns + clock_monotonic_ns() % (wait_ns / 4);
}

bool attempt_retry(struct attempt *attempt, const struct registry *registry,
	const struct exchange *exchange, unsigned cost)
{
	int64_t asked_ns = retry_after_ns(exchange);

	attempt->failures += cost;
	if (attempt->failures > registry->retries)
		return false;
	attempt->wait_ns = backoff_ns(attempt, registry);
	if (attempt->wait_ns < asked_ns)
		attempt->wait_ns = asked_ns;
	start_over(attempt);
	return true;
}

static bool is_transient_status(long status)
{
	return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
	       status == 504;
}

bool is_transient(const struct exchange *exchange, CURLcode code)
{
	/* libcurl has the same code for these two as for a connection that broke. */
	if (proxy_refusal(exchange))
		return is_transient_status(proxy_refusal(exchange));
	if (is_certificate_wanted(exchange))
		return false;
	switch (code) {
	case CURLE_OK:
		return is_transient_status(exchange_status(exchange));
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

static int judge_transport(struct attempt *attempt, struct exchange *exchange,
	struct registry *registry, CURLcode code, struct error *err)
{
	bool at_home = !attempt->redirect_url;

	/*
	 * Insecure means: https as far as it goes, else http. Decided once, by the first reply;
	 * other transfers may have found out while this one was under way.
	 */
	if (at_home && registry->plain_allowed && !attempt->was_plain &&
		(registry->is_plain || !registry->is_proven) &&
		code != CURLE_COULDNT_RESOLVE_HOST) {
		log_debug(
			"%s: no https (%s), trying http", registry->host, curl_easy_strerror(code));
		registry->is_plain = true;
		return VERDICT_AGAIN;
	}
	/* Silence was long already: one more try, not three. */
	if (is_transient(exchange, code) && attempt_retry(attempt, registry, exchange,
						    code == CURLE_OPERATION_TIMEDOUT ? 2 : 1)) {
		log_debug("%s: %s, trying again", attempt->what, curl_easy_strerror(code));
		if (!registry->is_proven)
			registry->is_plain = false;
		return VERDICT_AGAIN;
	}
	return transport_error(registry, exchange, code, err);
}

char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	char *copy;

	if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return NULL;
	copy = xstrdup(text);
	curl_free(text);
	return copy;
}

/* Same scheme, host and port (RFC 6454): only there our authorization may go. */
static bool is_same_origin(const struct registry *registry, const char *other)
{
	static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
	autofree char *own =
		xasprintf("%s://%s/", registry->is_plain ? "http" : "https", registry->host);
	CURLU *left = curl_url();
	CURLU *right = curl_url();
	bool same = left && right && curl_url_set(left, CURLUPART_URL, own, 0) == CURLUE_OK &&
		    curl_url_set(right, CURLUPART_URL, other, 0) == CURLUE_OK;

	for (size_t i = 0; same && i < ARRAY_SIZE(parts); i++) {
		autofree char *one = url_part(left, parts[i]);
		autofree char *two = url_part(right, parts[i]);

		same = one && two && strcasecmp(one, two) == 0;
	}
	curl_url_cleanup(left);
	curl_url_cleanup(right);
	return same;
}

static int judge_redirect(struct attempt *attempt, struct exchange *exchange,
	struct registry *registry, struct error *err)
{
	char *url = NULL;

	curl_easy_getinfo(exchange->easy, CURLINFO_REDIRECT_URL, &url);
	if (!url)
		return error_set(
			err, EPROTO, "%s: redirect without an address", registry_name(registry));
	if (++attempt->redirects > REDIRECT_MAX)
		return error_set(err, ELOOP, "%s: more than %d redirects", registry_name(registry),
			REDIRECT_MAX);
	url = xstrdup(url);
	free(attempt->redirect_url);
	attempt->redirect_url = url;
	attempt->redirect_is_own = is_same_origin(registry, url);
	return VERDICT_AGAIN;
}

static int judge_challenge(struct attempt *attempt, struct exchange *exchange,
	struct registry *registry, struct error *err)
{
	int r;

	/* Another transfer fetched a new token while this one was under way. */
	if (attempt->serial != registry->authorization_serial && attempt->challenged < 3) {
		attempt->challenged++;
		return VERDICT_AGAIN;
	}
	if (attempt->challenged++ >= 2)
		return status_error(registry, attempt, exchange, err);
	r = registry_authorize(registry, &exchange->challenges, err);
	if (r == -ENODATA)
		return status_error(registry, attempt, exchange, err);
	return r < 0 ? r : VERDICT_AGAIN;
}

int attempt_judge(struct attempt *attempt, struct exchange *exchange, struct registry *registry,
	CURLcode code, struct error *err)
{
	long status = exchange_status(exchange);

	/* A document that is too long, and not what we came for, is no reason to miss the status.
	 */
	if (code == CURLE_WRITE_ERROR && exchange->body_too_long && status >= 300)
		code = CURLE_OK;
	if (code != CURLE_OK)
		return judge_transport(attempt, exchange, registry, code, err);
	registry->is_proven = registry->is_proven || !attempt->redirect_url;
	if (status == 200 || status == 206)
		return VERDICT_DONE;
	if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
		return judge_redirect(attempt, exchange, registry, err);
	if (status == 401 && (!attempt->redirect_url || attempt->redirect_is_own))
		return judge_challenge(attempt, exchange, registry, err);
	if (is_transient(exchange, code) && attempt_retry(attempt, registry, exchange, 1)) {
		log_debug("%s: HTTP status %ld, trying again", attempt->what, status);
		return VERDICT_AGAIN;
	}
	/* An address that has expired answers 403: ask the registry for another one. */
	if (attempt->redirect_url && (status == 401 || status == 403) &&
		attempt_retry(attempt, registry, exchange, 2))
		return VERDICT_AGAIN;
	return status_error(registry, attempt, exchange, err);
}
