/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-arg.h"

#include <ctype.h>
#include <errno.h>

#include "base/str.h"

void container_mount_release(struct container_mount *mount)
{
	free(mount->type);
	free(mount->name);
	free(mount->source);
	free(mount->destination);
	strv_free(mount->options);
	*mount = (struct container_mount){0};
}

/* Absolute, without "." and empty components; ".." is refused: it has no meaning yet. */
static int clean_destination(const char *text, char **ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf out = STRBUF_INIT;
	AUTO(strv_free) char **parts = NULL;

	if (*text != '/')
		return error_set(err, EINVAL,
			"invalid container path \"%s\": must be an absolute path", text);
	parts = strv_split(text, '/');
	for (size_t i = 0; parts[i]; i++) {
		if (!*parts[i] || str_eq(parts[i], "."))
			continue;
		if (str_eq(parts[i], ".."))
			return error_set(err, EINVAL,
				"invalid container path \"%s\": contains \"..\"", text);
		strbuf_addf(&out, "/%s", parts[i]);
	}
	if (!out.len)
		return error_set(err, EINVAL,
			"invalid container path \"%s\": the root directory cannot be a mount",
			text);
	*ret = strbuf_take(&out);
	return 0;
}

static bool is_volume_name(const char *text)
{
	bool good = isalnum((unsigned char)*text);

	for (; good && *text; text++)
		good = isalnum((unsigned char)*text) || strchr("_.-", *text);
	return good;
}

static int set_source(const char *source, const char *cwd, const char *home,
	struct container_mount *mount, struct error *err)
{
	const char *rest = str_after(source, "~/");

	if (*source == '/' || *source == '.' || rest) {
		mount->type = xstrdup("bind");
		if (rest)
			mount->source = xasprintf("%s/%s", home, rest);
		else if (*source == '/')
			mount->source = xstrdup(source);
		else
			mount->source = xasprintf("%s/%s", cwd, source);
		return 0;
	}
	if (!is_volume_name(source))
		return error_set(err, EINVAL,
			"volume name \"%s\": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*", source);
	mount->type = xstrdup("volume");
	mount->name = xstrdup(source);
	return 0;
}

static bool is_propagation(const char *word)
{
	static const char *const words[] = {"shared", "rshared", "slave", "rslave", "private",
		"rprivate", "unbindable", "runbindable"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(word, words[i]))
			return true;
	}
	return false;
}

/* Words that become mount options as they are. */
static bool is_plain_option(const char *word)
{
	static const char *const words[] = {"rbind", "bind", "exec", "noexec", "dev", "nodev",
		"suid", "nosuid", "sync", "async", "noatime", "relatime"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(word, words[i]))
			return true;
	}
	return is_propagation(word);
}

static int apply_option(const char *word, struct container_mount *mount, struct error *err)
{
	static const char *const ignored[] = {
		"z", "Z", "cached", "delegated", "consistent", "default", ""};

	if (str_eq(word, "ro") || str_eq(word, "readonly"))
		mount->writable = false;
	else if (str_eq(word, "rw"))
		mount->writable = true;
	else if (str_eq(word, "U"))
		mount->chown = true;
	else if (str_eq(word, "copy") || str_eq(word, "nocopy"))
		mount->copy_up = str_eq(word, "copy");
	else if (str_eq(word, "O") || str_after(word, "upperdir=") || str_after(word, "workdir=") ||
		 str_eq(word, "idmap") || str_after(word, "idmap="))
		strv_add(&mount->options, word);
	else if (is_plain_option(word))
		strv_add(&mount->options, word);
	else {
		for (size_t i = 0; i < ARRAY_SIZE(ignored); i++) {
			if (str_eq(word, ignored[i]))
				return 0;
		}
		return error_set(err, EINVAL, "invalid option \"%s\" for a volume", word);
	}
	return 0;
}

static int apply_options(const char *text, struct container_mount *mount, struct error *err)
{
	AUTO(strv_free) char **words = strv_split(text, ',');
	int r = 0;

	for (size_t i = 0; r == 0 && words[i]; i++)
		r = apply_option(words[i], mount, err);
	return r;
}

static int parse_volume(char *const *parts, const char *cwd, const char *home,
	struct container_mount *mount, struct error *err)
{
	size_t count = strv_len(parts);
	int r;

	if (count == 1) {
		mount->type = xstrdup("volume");
		mount->anonymous = true;
		return clean_destination(parts[0], &mount->destination, err);
	}
	r = set_source(parts[0], cwd, home, mount, err);
	if (r == 0)
		r = clean_destination(parts[1], &mount->destination, err);
	if (r == 0 && count == 3)
		r = apply_options(parts[2], mount, err);
	return r;
}

int mount_arg_parse_volume(const char *text, const char *cwd, const char *home,
	struct container_mount *ret, struct error *err)
{
	AUTO(strv_free) char **parts = strv_split(text, ':');
	struct container_mount mount = {.writable = true, .copy_up = true};
	int r;

	if (strv_len(parts) > 3 || !*parts[0])
		return error_set(err, EINVAL,
			"incorrect volume format \"%s\": should be [host-dir:]ctr-dir[:option]",
			text);
	r = parse_volume(parts, cwd, home, &mount, err);
	if (r < 0)
		container_mount_release(&mount);
	else
		*ret = mount;
	return r;
}

int mount_arg_parse_tmpfs(const char *text, struct container_mount *ret, struct error *err)
{
	const char *colon = strchr(text, ':');
	autofree char *path = colon ? xstrndup(text, (size_t)(colon - text)) : xstrdup(text);
	struct container_mount mount = {.writable = true};
	int r = clean_destination(path, &mount.destination, err);

	if (r < 0)
		return r;
	mount.type = xstrdup("tmpfs");
	if (colon) {
		AUTO(strv_free) char **words = strv_split(colon + 1, ',');

		for (size_t i = 0; words[i]; i++) {
			if (str_eq(words[i], "ro"))
				mount.writable = false;
			else if (*words[i] && !str_eq(words[i], "rw"))
				strv_add(&mount.options, words[i]);
		}
	}
	*ret = mount;
	return 0;
}

static bool key_is(const char *key, const char *one, const char *two, const char *three)
{
	return str_eq(key, one) || str_eq(key, two) || (three && str_eq(key, three));
}

static int bool_value(const char *key, const char *value, bool *ret, struct error *err)
{
	if (!value) {
		*ret = true;
		return 0;
	}
	if (str_to_bool(value, ret) < 0)
		return error_set(err, EINVAL, "mount option %s: \"%s\" is neither true nor false",
			key, value);
	return 0;
}

static int apply_mount_key(const char *key, const char *value, const char *cwd,
	struct container_mount *mount, struct error *err)
{
	bool flag;
	int r;

	if (key_is(key, "src", "source", NULL) && value) {
		free(mount->source);
		/* What it means depends on the type, which may come later. */
		mount->source = xstrdup(value);
		return 0;
	}
	if (key_is(key, "dst", "destination", "target") && value) {
		free(mount->destination);
		mount->destination = NULL;
		return clean_destination(value, &mount->destination, err);
	}
	if (key_is(key, "ro", "readonly", "rw")) {
		r = bool_value(key, value, &flag, err);
		if (r == 0)
			mount->writable = str_eq(key, "rw") ? flag : !flag;
		return r;
	}
	if (key_is(key, "U", "chown", NULL))
		return bool_value(key, value, &mount->chown, err);
	if (str_eq(key, "bind-propagation") && value && is_propagation(value))
		strv_add(&mount->options, value);
	else if (str_eq(key, "bind-nonrecursive"))
		strv_add(&mount->options, "bind");
	else if (str_eq(key, "tmpfs-size") && value)
		strv_take(&mount->options, xasprintf("size=%s", value));
	else if (str_eq(key, "tmpfs-mode") && value)
		strv_take(&mount->options, xasprintf("mode=%s", value));
	else if (str_eq(key, "volume-nocopy") || str_eq(key, "nocopy"))
		mount->copy_up = false;
	else if (str_eq(key, "tmpcopyup") || str_eq(key, "notmpcopyup"))
		strv_add(&mount->options, key);
	else if (key_is(key, "relabel", "consistency", "volume-opt"))
		return 0;
	else
		return error_set(err, EINVAL, "invalid mount option \"%s\"", key);
	(void)cwd;
	return 0;
}

static int finish_mount(
	const char *text, const char *cwd, struct container_mount *mount, struct error *err)
{
	if (!mount->destination)
		return error_set(err, EINVAL, "mount \"%s\": must have a destination", text);
	if (str_eq(mount->type, "tmpfs")) {
		if (mount->source)
			return error_set(err, EINVAL, "mount \"%s\": tmpfs has no source", text);
		return 0;
	}
	if (str_eq(mount->type, "bind")) {
		if (!mount->source)
			return error_set(err, EINVAL, "mount \"%s\": bind needs a source", text);
		if (*mount->source != '/') {
			char *full = xasprintf("%s/%s", cwd, mount->source);

			free(mount->source);
			mount->source = full;
		}
		return 0;
	}
	if (!mount->source) {
		mount->anonymous = true;
		return 0;
	}
	if (!is_volume_name(mount->source))
		return error_set(err, EINVAL, "mount \"%s\": invalid volume name \"%s\"", text,
			mount->source);
	mount->name = take_ptr(mount->source);
	return 0;
}

int mount_arg_parse_mount(
	const char *text, const char *cwd, struct container_mount *ret, struct error *err)
{
	AUTO(strv_free) char **words = strv_split(text, ',');
	struct container_mount mount = {.writable = true, .copy_up = true};
	int r = 0;

	for (size_t i = 0; r == 0 && words[i]; i++) {
		char *value = strchr(words[i], '=');

		if (value)
			*value++ = '\0';
		if (str_eq(words[i], "type")) {
			free(mount.type);
			mount.type = xstrdup(value ? value : "");
		} else {
			r = apply_mount_key(words[i], value, cwd, &mount, err);
		}
	}
	if (!mount.type)
		mount.type = xstrdup("volume");
	if (r == 0 && !str_eq(mount.type, "bind") && !str_eq(mount.type, "volume") &&
		!str_eq(mount.type, "tmpfs"))
		r = error_set(err, EINVAL,
			"mount \"%s\": type \"%s\" is not one of bind, volume, tmpfs", text,
			mount.type);
	if (r == 0)
		r = finish_mount(text, cwd, &mount, err);
	if (r < 0)
		container_mount_release(&mount);
	else
		*ret = mount;
	return r;
}
