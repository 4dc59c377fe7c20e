/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>

#include "base/json.h"
#include "base/str.h"
#include "registry/internal.h"

#define WORDS_MAX 300

/* What a server says goes to a terminal: one line, printable, not too long. */
static char *clean_words(const char *text)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;

	for (; *text && buf.len < WORDS_MAX; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7F)
			c = ' ';
		/* C1 controls hide in UTF-8 as well; only ASCII is passed on. */
		strbuf_addc(&buf, c < 0x80 ? (char)c : '?');
	}
	while (buf.len && buf.data[buf.len - 1] == ' ')
		buf.data[--buf.len] = '\0';
	return strbuf_take(&buf);
}

const char *registry_name(const struct registry *registry)
{
	return str_eq(registry->host, "registry-1.docker.io") ? "docker.io" : registry->host;
}

/* The first of {"errors":[{"code","message"}]} (distribution-spec, "Error Codes"). */
static struct json_object *first_error(struct json_object *doc)
{
	struct json_object *errors = json_get(doc, "errors");

	if (!json_object_is_type(errors, json_type_array) || json_object_array_length(errors) == 0)
		return NULL;
	return json_object_array_get_idx(errors, 0);
}

/* "manifest unknown" out of MANIFEST_UNKNOWN. */
static char *code_words(const char *code)
{
	char *words = clean_words(code);

	for (char *c = words; *c; c++)
		*c = *c == '_' ? ' ' : (char)tolower((unsigned char)*c);
	return words;
}

/* Code and message of the reply's error document; NULL each where there is none. */
static void reply_words(const struct exchange *exchange, char **ret_code, char **ret_message)
{
	AUTO(json_free) struct json_object *doc = NULL;
	struct json_object *item;
	const char *code, *message;

	if (!exchange->body.len ||
		json_parse(exchange->body.data, exchange->body.len, &doc, NULL) < 0 ||
		!json_object_is_type(doc, json_type_object))
		return;
	item = first_error(doc);
	code = json_object_is_type(item, json_type_object) ? json_get_string(item, "code") : NULL;
	message = code ? json_get_string(item, "message") : json_get_string(doc, "details");
	if (!str_is_empty(code))
		*ret_code = code_words(code);
	if (!str_is_empty(message))
		*ret_message = clean_words(message);
}

static int unauthorized(const char *message, struct error *err)
{
	if (str_is_empty(message) || strcasestr(message, "authentication required"))
		return error_set(err, EACCES, "unauthorized: authentication required");
	return error_set(err, EACCES, "unauthorized: authentication required (%s)", message);
}

static int status_errno(long status)
{
	switch (status) {
	case 404:
		return ENOENT;
	case 403:
		return EACCES;
	case 408:
	case 504:
		return ETIMEDOUT;
	case 429:
		return EBUSY;
	default:
		return EIO;
	}
}

int status_error(const struct registry *registry, const struct attempt *attempt,
	const struct exchange *exchange, struct error *err)
{
	long status = exchange_status(exchange);
	autofree char *code = NULL;
	autofree char *message = NULL;
	int number = status_errno(status);

	(void)registry;
	reply_words(exchange, &code, &message);
	if (status == 401)
		return unauthorized(message, err);
	if (code && message && strcasecmp(code, message) != 0)
		return error_set(err, number, "%s: %s", code, message);
	if (code || (status == 404 && attempt->unknown))
		return error_set(err, number, "%s", code ? code : attempt->unknown);
	if (status == 403)
		return error_set(err, number, "denied: the registry refuses access");
	if (status == 429)
		return error_set(err, number, "too many requests: try again later");
	return error_set(err, number, "the registry answered with HTTP status %ld%s%s", status,
		message ? ": " : "", message ? message : "");
}

/* libcurl's own words, without its habits of punctuation. */
static char *curl_words(const struct exchange *exchange, CURLcode code)
{
	return clean_words(exchange->curl_text[0] ? exchange->curl_text : curl_easy_strerror(code));
}

/* Whom we talked to: the registry, or where it sent us. Owned by the caller. */
static char *peer_name(const struct registry *registry, const struct exchange *exchange)
{
	char *url = NULL;
	const char *host;
	autofree char *name = NULL;

	curl_easy_getinfo(exchange->easy, CURLINFO_EFFECTIVE_URL, &url);
	host = url ? strstr(url, "://") : NULL;
	if (!host)
		return xstrdup(registry_name(registry));
	host += strlen("://");
	name = xstrndup(host, strcspn(host, "/?#"));
	return str_eq(name, registry->host) ? xstrdup(registry_name(registry)) : clean_words(name);
}

/* Is that where @text, "HOST port PORT …", says? */
static bool is_address(const char *address, const char *text)
{
	CURLU *url = curl_url();
	bool is_url = url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK;
	autofree char *host = is_url ? url_part(url, CURLUPART_HOST) : NULL;
	autofree char *port = is_url ? url_part(url, CURLUPART_PORT) : NULL;
	autofree char *same = NULL;

	curl_url_cleanup(url);
	if (!host || !port)
		return true;
	/* An IPv6 address has brackets in an URL only. */
	if (host[0] == '[')
		same = xasprintf("%.*s port %s ", (int)strlen(host) - 2, host + 1, port);
	else
		same = xasprintf("%s port %s ", host, port);
	return str_after(text, same);
}

/* "HOST port PORT" of the proxy, when that is what could not be connected to; NULL else. */
static char *unreachable_proxy(const struct exchange *exchange)
{
	/* libcurl tells it in this text only. */
	const char *text = str_after(exchange->curl_text, "Failed to connect to ");
	const char *port = text ? strstr(text, " port ") : NULL;
	autofree char *peer = NULL;
	char *address = NULL;

	curl_easy_getinfo(exchange->easy, CURLINFO_EFFECTIVE_URL, &address);
	if (!port || !address || is_address(address, text))
		return NULL;
	port += strlen(" port ");
	peer = xstrndup(text, (size_t)(port - text) + strspn(port, "0123456789"));
	return clean_words(peer);
}

static int connect_error(const char *name, const struct exchange *exchange, struct error *err)
{
	autofree char *proxy = unreachable_proxy(exchange);
	long number = 0;

	curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &number);
	if (number <= 0)
		return error_set(err, ECONNREFUSED, "cannot connect to %s%s",
			proxy ? "the proxy " : "", proxy ? proxy : name);
	return error_sys(err, (int)number, "connect to %s%s", proxy ? "the proxy " : "",
		proxy ? proxy : name);
}

long proxy_refusal(const struct exchange *exchange)
{
	long status = 0;

	curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status >= 300 ? status : 0;
}

bool is_certificate_wanted(const struct exchange *exchange)
{
	/* With TLS 1.3 the server says so when we think that all is well (RFC 8446, 4.4.2.4). */
	return strstr(exchange->curl_text, "alert") &&
	       (strstr(exchange->curl_text, "certificate") ||
		       strstr(exchange->curl_text, "unknown ca"));
}

static int certificate_error(
	const struct registry *registry, const char *name, const char *words, struct error *err)
{
	if (registry->tls.certificate)
		return error_set(err, EACCES, "%s does not take the client certificate %s: %s",
			name, registry->tls.certificate, words);
	return error_set(err, EACCES,
		"%s wants a client certificate (put NAME.cert and NAME.key into certs.d/%s): %s",
		name, name, words);
}

static int tls_error(const char *name, const char *words, CURLcode code, struct error *err)
{
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return error_set(err, EPROTO,
			"certificate of %s cannot be verified: %s "
			"(put its authority into certs.d/%s, or use --tls-verify=false)",
			name, words, name);
	if (strstr(words, "wrong version number") || strstr(words, "packet length too long"))
		return error_set(err, EPROTO,
			"%s does not speak TLS (for plain http use --tls-verify=false, or mark it "
			"insecure in registries.conf)",
			name);
	return error_set(err, EPROTO, "TLS with %s: %s", name, words);
}

int transport_error(const struct registry *registry, const struct exchange *exchange, CURLcode code,
	struct error *err)
{
	autofree char *words = curl_words(exchange, code);
	autofree char *name = peer_name(registry, exchange);

	if (proxy_refusal(exchange))
		return error_set(err, EIO, "the proxy does not connect to %s: HTTP status %ld",
			name, proxy_refusal(exchange));
	if (is_certificate_wanted(exchange))
		return certificate_error(registry, name, words, err);
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return error_set(err, EHOSTUNREACH, "%s: %s", name, words);
	case CURLE_COULDNT_CONNECT:
		return connect_error(name, exchange, err);
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(err, ETIMEDOUT, "%s does not answer", name);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
		return tls_error(name, words, code, err);
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return error_set(err, EIO, "connection to %s broke: %s", name, words);
	case CURLE_UNSUPPORTED_PROTOCOL:
		return error_set(err, EPROTO, "%s redirects to an address that is not https", name);
	default:
		return error_set(err, EIO, "%s: %s", name, words);
	}
}
