/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <strings.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "registry/base64.h"
#include "registry/internal.h"

/* distribution, "Token Authentication Specification". */

static int load_auth(struct registry *registry, struct error *err)
{
	int r;

	if (registry->has_auth)
		return 0;
	r = auth_lookup(registry->authfile, registry->auth_key, &registry->auth, err);
	if (r < 0)
		return r;
	registry->has_auth = true;
	return 0;
}

static void set_authorization(struct registry *registry, char *value, bool is_basic)
{
	if (registry->authorization)
		explicit_bzero(registry->authorization, strlen(registry->authorization));
	free(registry->authorization);
	registry->authorization = value;
	registry->authorization_is_basic = is_basic;
	registry->authorization_serial++;
}

static char *basic_value(const struct auth *auth)
{
	autofree char *pair =
		xasprintf("%s:%s", auth->username, auth->password ? auth->password : "");
	autofree char *text = base64_encode(pair, strlen(pair));

	explicit_bzero(pair, strlen(pair));
	return xasprintf("Basic %s", text);
}

static bool has_password(const struct registry *registry)
{
	return !str_is_empty(registry->auth.username) && !registry->auth.identity_token;
}

static int authorize_basic(struct registry *registry)
{
	/* It was refused already, or there is nothing to send. */
	if (registry->authorization_is_basic || !has_password(registry))
		return -ENODATA;
	set_authorization(registry, basic_value(&registry->auth), true);
	return 0;
}

/* name=value with the value escaped. */
static void add_form(struct strbuf *buf, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0);

	if (!escaped)
		abort();
	strbuf_addf(buf, "%s%s=%s", buf->len ? "&" : "", name, escaped);
	curl_free(escaped);
}

/* What both ways of asking say: service and scopes. */
static void add_request(struct strbuf *buf, const struct registry *registry,
	const struct challenge *challenge, bool one_scope)
{
	const char *service = strmap_get(&challenge->params, "service");
	const char *scope = strmap_get(&challenge->params, "scope");
	autofree char *own = NULL;
	AUTO(strv_free) char **scopes = NULL;

	if (!str_is_empty(service))
		add_form(buf, "service", service);
	if (str_is_empty(scope) && registry->repository)
		scope = own = xasprintf("repository:%s:pull", registry->repository);
	if (str_is_empty(scope))
		return;
	if (one_scope) {
		add_form(buf, "scope", scope);
		return;
	}
	scopes = strv_split(scope, ' ');
	for (size_t i = 0; scopes[i]; i++)
		if (*scopes[i])
			add_form(buf, "scope", scopes[i]);
}

/* GET with Basic credentials, or without any. */
static char *get_url(
	const struct registry *registry, const struct challenge *challenge, const char *realm)
{
	AUTO(strbuf_release) struct strbuf query = STRBUF_INIT;

	add_request(&query, registry, challenge, false);
	if (has_password(registry))
		add_form(&query, "account", registry->auth.username);
	return xasprintf("%s%s%s", realm, strchr(realm, '?') ? "&" : "?", strbuf_get(&query));
}

/* POST for an identity token (OAuth 2.0, refresh). */
static char *post_form(const struct registry *registry, const struct challenge *challenge)
{
	AUTO(strbuf_release) struct strbuf form = STRBUF_INIT;

	add_form(&form, "grant_type", "refresh_token");
	add_form(&form, "client_id", registry->user_agent);
	add_form(&form, "refresh_token", registry->auth.identity_token);
	add_request(&form, registry, challenge, true);
	return strbuf_take(&form);
}

/* One try; the reply is left in @exchange. */
static CURLcode ask(struct exchange *exchange, const struct registry *registry,
	const struct challenge *challenge, const char *realm)
{
	autofree char *url = NULL;
	autofree char *form = NULL;
	CURLcode code;

	if (registry->auth.identity_token) {
		form = post_form(registry, challenge);
		exchange_prepare(exchange, registry, realm, false);
		curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDS, form);
	} else {
		url = get_url(registry, challenge, realm);
		exchange_prepare(exchange, registry, url, false);
		if (has_password(registry)) {
			autofree char *value = basic_value(&registry->auth);

			exchange_add_header(exchange, "Authorization", value);
		}
	}
	code = curl_easy_perform(exchange->easy);
	if (form)
		explicit_bzero(form, strlen(form));
	return code;
}

/* A token becomes part of a header: nothing that could end it. */
static bool token_is_valid(const char *token)
{
	if (str_is_empty(token))
		return false;
	for (; *token; token++)
		if (*token <= ' ' || *token > '~')
			return false;
	return true;
}

static int take_token(struct registry *registry, struct exchange *exchange, struct error *err)
{
	AUTO(json_free) struct json_object *reply = NULL;
	const char *token;
	int r = json_parse(strbuf_get(&exchange->body), exchange->body.len, &reply, err);

	if (r < 0)
		return error_wrap(err, r, "token of %s", registry_name(registry));
	token = json_get_string(reply, "token");
	if (str_is_empty(token))
		token = json_get_string(reply, "access_token");
	if (!token_is_valid(token))
		return error_set(
			err, EBADMSG, "token of %s: missing or malformed", registry_name(registry));
	set_authorization(registry, xasprintf("Bearer %s", token), false);
	return 0;
}

static int check_realm(const struct registry *registry, const char *realm, struct error *err)
{
	if (!str_is_empty(realm) && strncasecmp(realm, "https://", 8) == 0)
		return 0;
	/* Credentials in the clear only where a person allowed it. */
	if (!str_is_empty(realm) && strncasecmp(realm, "http://", 7) == 0 &&
		registry->plain_allowed)
		return 0;
	return error_set(err, EPROTO, "%s names no usable token server", registry_name(registry));
}

static int authorize_bearer(
	struct registry *registry, const struct challenge *challenge, struct error *err)
{
	const char *realm = strmap_get(&challenge->params, "realm");
	AUTO(exchange_release) struct exchange exchange;
	struct attempt attempt = {.what = "token"};
	int r = check_realm(registry, realm, err);

	exchange_init(&exchange);
	if (r < 0)
		return r;
	for (;;) {
		CURLcode code = ask(&exchange, registry, challenge, realm);
		long status = exchange_status(&exchange);

		if (code == CURLE_OK && status == 200)
			return take_token(registry, &exchange, err);
		if (!is_transient(&exchange, code) ||
			!attempt_retry(&attempt, registry, &exchange,
				code == CURLE_OPERATION_TIMEDOUT ? 2 : 1)) {
			r = code == CURLE_OK ? status_error(registry, &attempt, &exchange, err)
					     : transport_error(registry, &exchange, code, err);
			return r == -EACCES ? r : error_wrap(err, r, "token");
		}
		log_debug("token of %s: trying again", registry->host);
		wait_for_ns(attempt.wait_ns);
	}
}

int registry_authorize(
	struct registry *registry, const struct challenges *challenges, struct error *err)
{
	const struct challenge *bearer = challenges_find(challenges, "Bearer");
	int r = load_auth(registry, err);

	if (r < 0)
		return r;
	if (bearer)
		return authorize_bearer(registry, bearer, err);
	if (challenges_find(challenges, "Basic"))
		return authorize_basic(registry);
	return -ENODATA;
}
