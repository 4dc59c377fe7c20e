/* SPDX-License-Identifier: Apache-2.0 */
#include "image/reference.h"

#include <ctype.h>
#include <errno.h>

#include "base/digest.h"
#include "base/str.h"

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* Length of a separator inside a path component: "." | "_" | "__" | "-"+; 0 when there is none. */
static size_t separator_len(const char *text)
{
	if (*text == '.')
		return 1;
	if (*text == '_')
		return text[1] == '_' ? 2 : 1;
	return strspn(text, "-");
}

bool reference_path_is_valid(const char *path)
{
	const char *at = path;

	if (!is_lower_alnum(*at))
		return false;
	while (*at) {
		if (is_lower_alnum(*at)) {
			at++;
			continue;
		}
		at += *at == '/' ? 1 : separator_len(at);
		/* What follows a separator or slash must be alphanumeric; this also ends the loop.
		 */
		if (!is_lower_alnum(*at))
			return false;
	}
	return true;
}

bool reference_tag_is_valid(const char *tag)
{
	size_t len = strlen(tag);

	if (len == 0 || len > REFERENCE_TAG_MAX || !(is_alnum(*tag) || *tag == '_'))
		return false;
	for (; *tag; tag++)
		if (!is_alnum(*tag) && !strchr("_.-", *tag))
			return false;
	return true;
}

static bool port_is_valid(const char *port)
{
	uint64_t number;

	return str_to_u64(port, 10, &number) == 0 && number <= 65535;
}

/* "[" IPv6 "]"; the characters only, the resolver knows the rest. Returns the end or NULL. */
static const char *skip_ipv6(const char *domain)
{
	const char *end = domain + 1 + strspn(domain + 1, "0123456789abcdefABCDEF:.");

	return *end == ']' && end > domain + 2 ? end + 1 : NULL;
}

static bool domain_is_valid(const char *domain)
{
	const char *at = domain;

	if (*at == '[') {
		at = skip_ipv6(domain);
		return at && (!*at || (*at == ':' && port_is_valid(at + 1)));
	}
	for (;;) {
		size_t len = 0;

		while (is_alnum(at[len]) || at[len] == '-')
			len++;
		if (len == 0 || *at == '-' || at[len - 1] == '-')
			return false;
		at += len;
		if (*at != '.')
			break;
		at++;
	}
	return !*at || (*at == ':' && port_is_valid(at + 1));
}

/* The first component is a domain when it cannot be one of a path, or by convention. */
static bool is_domain(const char *component)
{
	if (strpbrk(component, ".:[") || str_eq(component, "localhost"))
		return true;
	for (; *component; component++)
		if (isupper((unsigned char)*component))
			return true;
	return false;
}

/* Cuts the digest and tag off @name, which keeps domain and path. */
static int cut_tail(char *name, struct reference *ref, const char *text, struct error *err)
{
	char *at = strchr(name, '@');
	char *colon;

	if (at) {
		*at = '\0';
		if (!digest_is_valid(at + 1))
			return error_set(
				err, EINVAL, "invalid reference \"%s\": malformed digest", text);
		ref->digest = xstrdup(at + 1);
	}
	colon = strrchr(name, ':');
	if (colon && !strchr(colon, '/')) {
		*colon = '\0';
		if (!reference_tag_is_valid(colon + 1))
			return error_set(
				err, EINVAL, "invalid reference \"%s\": malformed tag", text);
		ref->tag = xstrdup(colon + 1);
	}
	return 0;
}

/* As long as the name will be once it is normalized. */
static size_t full_length(const char *domain, const char *path)
{
	bool is_hub = !domain || str_eq(domain, REFERENCE_DEFAULT_DOMAIN);

	return strlen(domain ? domain : REFERENCE_DEFAULT_DOMAIN) + 1 + strlen(path) +
	       (is_hub && !strchr(path, '/') ? strlen("library/") : 0);
}

static int split_name(char *name, struct reference *ref, const char *text, struct error *err)
{
	char *slash = strchr(name, '/');
	const char *path = name;

	if (slash) {
		*slash = '\0';
		if (is_domain(name)) {
			if (!domain_is_valid(name))
				return error_set(err, EINVAL,
					"invalid reference \"%s\": malformed registry name", text);
			ref->domain = xstrdup(name);
			path = slash + 1;
		} else {
			*slash = '/';
		}
	}
	if (!reference_path_is_valid(path)) {
		for (const char *c = path; *c; c++)
			if (isupper((unsigned char)*c))
				return error_set(err, EINVAL,
					"invalid reference \"%s\": repository name must be "
					"lowercase",
					text);
		return error_set(
			err, EINVAL, "invalid reference \"%s\": malformed repository name", text);
	}
	if (full_length(ref->domain, path) > REFERENCE_NAME_MAX)
		return error_set(err, EINVAL,
			"invalid reference: name is longer than %d characters", REFERENCE_NAME_MAX);
	ref->path = xstrdup(path);
	ref->is_short = !ref->domain;
	return 0;
}

int reference_parse(const char *text, struct reference *ret, struct error *err)
{
	AUTO(reference_release) struct reference ref = {0};
	const char *rest = str_after(text, "docker://");
	autofree char *name = NULL;
	int r;

	if (rest)
		text = rest;
	if (!*text)
		return error_set(err, EINVAL, "invalid reference: empty name");
	/* Also keeps terminal control characters out of the messages below. */
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~')
			return error_set(
				err, EINVAL, "invalid reference: blank or special character in it");
	if (strlen(text) > REFERENCE_NAME_MAX + 1 + REFERENCE_TAG_MAX + 1 + DIGEST_MAX_LEN)
		return error_set(err, EINVAL, "invalid reference: too long");
	if (reference_is_id(text))
		return error_set(err, EINVAL,
			"invalid reference \"%s\": 64 hexadecimal digits are an image id, not a "
			"name",
			text);
	name = xstrdup(text);
	r = cut_tail(name, &ref, text, err);
	if (r == 0)
		r = split_name(name, &ref, text, err);
	if (r < 0)
		return r;
	*ret = ref;
	memset(&ref, 0, sizeof(ref));
	return 0;
}

void reference_normalize(struct reference *ref)
{
	if (!ref->domain || str_eq(ref->domain, "index.docker.io")) {
		free(ref->domain);
		ref->domain = xstrdup(REFERENCE_DEFAULT_DOMAIN);
	}
	if (str_eq(ref->domain, REFERENCE_DEFAULT_DOMAIN) && !strchr(ref->path, '/')) {
		char *path = xasprintf("library/%s", ref->path);

		free(ref->path);
		ref->path = path;
	}
	if (!ref->tag && !ref->digest)
		ref->tag = xstrdup("latest");
}

int reference_parse_normalized(const char *text, struct reference *ret, struct error *err)
{
	int r = reference_parse(text, ret, err);

	if (r == 0)
		reference_normalize(ret);
	return r;
}

void reference_copy(struct reference *to, const struct reference *from)
{
	*to = (struct reference){
		.domain = xstrdup(from->domain),
		.path = xstrdup(from->path),
		.tag = xstrdup(from->tag),
		.digest = xstrdup(from->digest),
		.is_short = from->is_short,
	};
}

void reference_release(struct reference *ref)
{
	free(ref->domain);
	free(ref->path);
	free(ref->tag);
	free(ref->digest);
	memset(ref, 0, sizeof(*ref));
}

char *reference_name(const struct reference *ref)
{
	return ref->domain ? xasprintf("%s/%s", ref->domain, ref->path) : xstrdup(ref->path);
}

char *reference_format(const struct reference *ref)
{
	AUTO(strbuf_release) struct strbuf buf = STRBUF_INIT;

	if (ref->domain)
		strbuf_addf(&buf, "%s/", ref->domain);
	strbuf_adds(&buf, ref->path);
	if (ref->tag)
		strbuf_addf(&buf, ":%s", ref->tag);
	if (ref->digest)
		strbuf_addf(&buf, "@%s", ref->digest);
	return strbuf_take(&buf);
}

static bool is_hex(const char *text, size_t min, size_t max)
{
	size_t len = strspn(text, "0123456789abcdef");

	return len >= min && len <= max && !text[len];
}

bool reference_is_id(const char *text)
{
	const char *hex = str_after(text, "sha256:");

	return is_hex(hex ? hex : text, DIGEST_SHA256_HEX_LEN, DIGEST_SHA256_HEX_LEN);
}

bool reference_may_be_id_prefix(const char *text)
{
	return is_hex(text, 3, DIGEST_SHA256_HEX_LEN);
}
