/* SPDX-License-Identifier: Apache-2.0 */
#include "image/platform.h"

#include <errno.h>
#include <strings.h>
#include <sys/utsname.h>

#include "base/str.h"

const struct json_field platform_fields[] = {
	JSON_STRING(struct platform, architecture, "architecture", JSON_ALWAYS),
	JSON_STRING(struct platform, os, "os", JSON_ALWAYS),
	JSON_STRING(struct platform, os_version, "os.version"),
	JSON_STRINGS(struct platform, os_features, "os.features"),
	JSON_STRING(struct platform, variant, "variant"),
	JSON_END,
};

/* Names that uname(2), dpkg and people use, and what GOARCH calls them. */
static const struct {
	const char *name;
	const char *architecture;
	const char *variant;
} other_names[] = {
	{"x86_64", "amd64", NULL},
	{"x86-64", "amd64", NULL},
	{"aarch64", "arm64", NULL},
	{"i386", "386", NULL},
	{"i486", "386", NULL},
	{"i586", "386", NULL},
	{"i686", "386", NULL},
	{"x86", "386", NULL},
	{"armhf", "arm", "v7"},
	{"armel", "arm", "v6"},
	{"armv5l", "arm", "v5"},
	{"armv6l", "arm", "v6"},
	{"armv7l", "arm", "v7"},
	{"armv8l", "arm", "v8"},
	{"ppc64el", "ppc64le", NULL},
	{"mips64el", "mips64le", NULL},
	{"loongarch64", "loong64", NULL},
};

void platform_release(struct platform *platform)
{
	json_release(platform_fields, platform);
}

void platform_copy(struct platform *to, const struct platform *from)
{
	*to = (struct platform){
		.os = xstrdup(from->os),
		.architecture = xstrdup(from->architecture),
		.variant = xstrdup(from->variant),
		.os_version = xstrdup(from->os_version),
		.os_features = from->os_features ? strv_dup(from->os_features) : NULL,
	};
}

static void set_text(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

void platform_normalize(struct platform *platform)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_names); i++)
		if (platform->architecture &&
			strcasecmp(platform->architecture, other_names[i].name) == 0) {
			if (str_is_empty(platform->variant) && other_names[i].variant)
				set_text(&platform->variant, other_names[i].variant);
			set_text(&platform->architecture, other_names[i].architecture);
		}
	if (str_is_empty(platform->variant)) {
		free(platform->variant);
		platform->variant = NULL;
	} else if (platform->variant[0] >= '0' && platform->variant[0] <= '9') {
		char *variant = xasprintf("v%s", platform->variant);

		free(platform->variant);
		platform->variant = variant;
	}
}

void platform_host(struct platform *ret)
{
	struct utsname name;

	uname(&name);
	*ret = (struct platform){.os = xstrdup("linux"), .architecture = xstrdup(name.machine)};
	platform_normalize(ret);
}

static bool is_word(const char *text)
{
	size_t len =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return len > 0 && len <= 64 && !text[len];
}

static bool is_os(const char *text)
{
	static const char *const names[] = {"linux", "windows", "darwin", "freebsd", "wasip1", "js",
		"netbsd", "openbsd", "solaris", "illumos", "aix", "android"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(text, names[i]))
			return true;
	return false;
}

int platform_parse(const char *text, struct platform *ret, struct error *err)
{
	AUTO(strv_free) char **parts = strv_split(text, '/');
	size_t count = strv_len(parts);
	struct platform platform;

	if (count > 3)
		return error_set(
			err, EINVAL, "invalid platform \"%s\": want os/architecture/variant", text);
	for (size_t i = 0; i < count; i++)
		if (!is_word(parts[i]))
			return error_set(err, EINVAL,
				"invalid platform \"%s\": want os/architecture/variant", text);
	platform_host(&platform);
	if (count > 1 || is_os(parts[0]))
		set_text(&platform.os, parts[0]);
	if (count > 1 || !is_os(parts[0])) {
		set_text(&platform.architecture, parts[count > 1 ? 1 : 0]);
		set_text(&platform.variant, count == 3 ? parts[2] : NULL);
	}
	platform_normalize(&platform);
	*ret = platform;
	return 0;
}

/* Number behind the "v"; what an absent variant stands for; -1 for another form. */
static int64_t variant_number(const struct platform *platform)
{
	uint64_t number;

	if (str_is_empty(platform->variant)) {
		if (str_eq(platform->architecture, "arm"))
			return 7;
		return str_eq(platform->architecture, "arm64") ? 8 : 1;
	}
	if (platform->variant[0] != 'v' || str_to_u64(platform->variant + 1, 10, &number) < 0 ||
		number > 1000)
		return -1;
	return (int64_t)number;
}

int platform_rank(const struct platform *want_raw, const struct platform *have_raw)
{
	AUTO(platform_release) struct platform want = {0};
	AUTO(platform_release) struct platform have = {0};
	int64_t wanted, got;

	platform_copy(&want, want_raw);
	platform_copy(&have, have_raw);
	platform_normalize(&want);
	platform_normalize(&have);
	if (!want.os || !want.architecture || !str_eq(want.os, have.os) ||
		!str_eq(want.architecture, have.architecture))
		return 0;
	wanted = variant_number(&want);
	got = variant_number(&have);
	if (wanted < 0 || got < 0)
		return str_eq(want.variant, have.variant) ? 1000 : 0;
	/* A newer machine runs code for older ones, the nearest is the best. */
	return got <= wanted ? (int)(1000 - (wanted - got)) : 0;
}

char *platform_format(const struct platform *platform)
{
	return xasprintf("%s/%s%s%s", platform->os ? platform->os : "unknown",
		platform->architecture ? platform->architecture : "unknown",
		str_is_empty(platform->variant) ? "" : "/",
		str_is_empty(platform->variant) ? "" : platform->variant);
}
