/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_INTERNAL_H
#define REGISTRY_INTERNAL_H

#include <curl/curl.h>

#include "registry/auth.h"
#include "registry/challenge.h"
#include "registry/client.h"
#include "registry/tls.h"

#define REDIRECT_MAX 10
#define CONNECT_TIMEOUT_S 20
#define NS_PER_S INT64_C(1000000000)
#define RETRY_FIRST_WAIT_NS (NS_PER_S / 4)
#define RETRY_MAX_WAIT_S 60
/* Replies that we keep: error documents, tokens. Manifests have their own limit. */
#define REPLY_MAX_BYTES (256 * 1024)

struct registry {
	CURLM *multi;
	char *host;
	char *repository; /* NULL: only the host is asked, as login does */
	char *auth_key;
	bool plain_allowed; /* http may be used, certificates need not be valid */
	bool is_plain;      /* http it is */
	bool is_proven;     /* something answered: the scheme is settled */
	struct tls_files tls;
	char *authfile;
	char *user_agent;
	unsigned retries;
	bool has_retry_delay;
	int64_t retry_delay_ns;
	unsigned stall_timeout_s;
	bool has_auth; /* @auth was looked up or given */
	struct auth auth;
	char *authorization; /* header value for our host: "Bearer …"; NULL: none yet */
	bool authorization_is_basic;
	unsigned authorization_serial; /* counts changes of the above */
};

/* "host" or "host:port" as the user wrote it, for messages. */
const char *registry_name(const struct registry *registry);

/* struct exchange - one HTTP request and its reply, or the beginning of it. */
struct exchange {
	CURL *easy;
	struct curl_slist *headers;
	char curl_text[CURL_ERROR_SIZE];
	/* reply */
	char *content_type;
	char *content_range;
	char *content_digest; /* Docker-Content-Digest */
	char *retry_after;
	struct challenges challenges;
	struct strbuf body;
	size_t body_max; /* more ends the exchange */
	bool body_too_long;
	/* When set, bodies of replies with status 200 and 206 go here instead of @body. */
	int (*sink)(void *data, struct exchange *exchange, const char *bytes, size_t len);
	void *sink_data;
	bool sink_failed; /* the sink refused; it knows why */
};

void exchange_init(struct exchange *exchange);
/* Forgets the reply and the request's headers, keeps the handle and its connection. */
void exchange_reset(struct exchange *exchange);
void exchange_release(struct exchange *exchange);
static inline void auto_exchange_release(struct exchange *exchange)
{
	exchange_release(exchange);
}
long exchange_status(const struct exchange *exchange);

/*
 * exchange_prepare - set a request up.
 * @url: where to;  @is_own: it goes to the registry itself, which may see our authorization
 */
void exchange_prepare(
	struct exchange *exchange, const struct registry *registry, const char *url, bool is_own);
void exchange_add_header(struct exchange *exchange, const char *name, const char *value);

/*
 * struct attempt - the history of one logical request over retries, redirects and challenges.
 * Zeroed with @path set is a new one.
 */
struct attempt {
	const char *path;     /* "/v2/name/manifests/tag"; borrowed */
	const char *what;     /* for messages: "manifest latest"; borrowed */
	const char *unknown;  /* for 404: "manifest unknown"; borrowed */
	char *redirect_url;   /* where the last reply sent us; NULL: the registry itself */
	bool redirect_is_own; /* it is the registry all the same */
	unsigned redirects;
	unsigned failures;   /* tries that went wrong since something went well */
	unsigned challenged; /* 401s of the registry in a row */
	unsigned serial;     /* authorization_serial that was sent */
	bool was_plain;      /* the last try went over http */
	int64_t wait_ns;     /* before the next try; 0: at once */
};
void attempt_release(struct attempt *attempt);

/* Sets @exchange up for the next try. */
void attempt_prepare(
	struct attempt *attempt, struct exchange *exchange, const struct registry *registry);

enum verdict {
	VERDICT_DONE = 0, /* a reply of 200 or 206 */
	VERDICT_AGAIN,    /* try again after attempt->wait_ns */
};
/*
 * attempt_judge - what to do after a try that ended with @code.
 * Follows redirects, answers challenges (may fetch a token), schedules retries.
 * Returns a verdict; negative errno when it is final.
 */
int attempt_judge(struct attempt *attempt, struct exchange *exchange, struct registry *registry,
	CURLcode code, struct error *err);

/* May a try that ended with @code, or in this reply, go well another time? */
bool is_transient(const struct exchange *exchange, CURLcode code);
/* A failed try is worth another: counts it and sets wait_ns; false when tries are used up. */
bool attempt_retry(struct attempt *attempt, const struct registry *registry,
	const struct exchange *exchange, unsigned cost);

/* A part of an URL, owned by the caller; NULL when it has none. */
char *url_part(CURLU *url, CURLUPart part);
/* Status with which a proxy has refused to connect us; 0: it has not. */
long proxy_refusal(const struct exchange *exchange);
/* The server has broken the connection for want of a client certificate that it takes. */
bool is_certificate_wanted(const struct exchange *exchange);
/* Words and errno for a transfer that curl gave up, and for a status. */
int transport_error(const struct registry *registry, const struct exchange *exchange, CURLcode code,
	struct error *err);
int status_error(const struct registry *registry, const struct attempt *attempt,
	const struct exchange *exchange, struct error *err);

/* Sleeps, over interruptions. */
void wait_for_ns(int64_t ns);

/*
 * registry_request - run one logical request to its end; the reply is left in @exchange.
 * @prepare: adds to each try what it needs, may be NULL. Not while blobs are transferred.
 */
int registry_request(struct registry *registry, struct attempt *attempt, struct exchange *exchange,
	void (*prepare)(struct exchange *exchange), struct error *err);

/*
 * registry_authorize - answer a challenge: sets registry->authorization.
 * Uses connections of its own, as transfers may be under way.
 * Returns 0; -ENODATA, without words, when there is nothing (more) to offer; else as failed.
 */
int registry_authorize(
	struct registry *registry, const struct challenges *challenges, struct error *err);

#endif
