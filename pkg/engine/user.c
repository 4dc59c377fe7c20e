/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/user.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"

/* One line of passwd or group, split at colons; NULL for lines that are none. */
static char **split_entry(const char *line, size_t fields)
{
	char **parts = strv_split(line, ':');

	if (*line != '#' && strv_len(parts) >= fields && *parts[0])
		return parts;
	strv_free(parts);
	return NULL;
}

static bool parse_id(const char *text, uint32_t *ret)
{
	uint64_t value;

	/* UINT32_MAX means "no change" to the kernel. */
	if (str_to_u64(text, 10, &value) < 0 || value >= UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* Finds a passwd entry by name, or by uid when @name is NULL. */
static bool find_user(const char *passwd, const char *name, uint32_t uid, struct user *ret)
{
	AUTO(strv_free) char **lines = strv_split(passwd, '\n');

	for (size_t i = 0; lines[i]; i++) {
		AUTO(strv_free) char **parts = split_entry(lines[i], 6);
		uint32_t entry_uid, entry_gid;

		if (!parts || !parse_id(parts[2], &entry_uid) || !parse_id(parts[3], &entry_gid))
			continue;
		if (name ? !str_eq(parts[0], name) : entry_uid != uid)
			continue;
		ret->uid = entry_uid;
		ret->gid = entry_gid;
		free(ret->name);
		free(ret->home);
		ret->name = xstrdup(parts[0]);
		ret->home = xstrdup(*parts[5] ? parts[5] : "/");
		return true;
	}
	return false;
}

static bool find_group(const char *group, const char *name, uint32_t *ret)
{
	AUTO(strv_free) char **lines = strv_split(group, '\n');

	for (size_t i = 0; lines[i]; i++) {
		AUTO(strv_free) char **parts = split_entry(lines[i], 3);

		if (parts && str_eq(parts[0], name) && parse_id(parts[2], ret))
			return true;
	}
	return false;
}

static void add_group(struct user *user, uint32_t gid)
{
	for (size_t i = 0; i < user->group_count; i++) {
		if (user->groups[i] == gid)
			return;
	}
	user->groups = list_grow(user->groups, user->group_count, sizeof(*user->groups));
	user->groups[user->group_count++] = gid;
}

/* The groups that list the user as a member. */
static void add_memberships(const char *group, struct user *user)
{
	AUTO(strv_free) char **lines = strv_split(group, '\n');

	for (size_t i = 0; user->name && lines[i]; i++) {
		AUTO(strv_free) char **parts = split_entry(lines[i], 4);
		AUTO(strv_free) char **members = parts ? strv_split(parts[3], ',') : NULL;
		uint32_t gid;

		if (members && strv_has(members, user->name) && parse_id(parts[2], &gid))
			add_group(user, gid);
	}
}

static int resolve_user_part(
	const char *name, const char *passwd, struct user *user, struct error *err)
{
	uint32_t uid;

	if (find_user(passwd, name, 0, user))
		return 0;
	if (!parse_id(name, &uid))
		return error_set(err, ENOENT,
			"unable to find user %s: no matching entries in passwd file", name);
	if (!find_user(passwd, NULL, uid, user)) {
		user->uid = uid;
		user->gid = 0;
	}
	return 0;
}

static int resolve_group(const char *name, const char *group, uint32_t *ret, struct error *err)
{
	if (find_group(group, name, ret) || parse_id(name, ret))
		return 0;
	return error_set(
		err, ENOENT, "unable to find group %s: no matching entries in group file", name);
}

int user_resolve(const char *text, const char *passwd, const char *group, char *const *add,
	struct user *ret, struct error *err)
{
	struct user user = {0};
	autofree char *name = xstrdup(str_is_empty(text) ? "0" : text);
	char *group_name = strchr(name, ':');
	int r;

	if (group_name)
		*group_name++ = '\0';
	r = resolve_user_part(*name ? name : "0", passwd, &user, err);
	if (r == 0 && !str_is_empty(group_name))
		r = resolve_group(group_name, group, &user.gid, err);
	else if (r == 0)
		add_memberships(group, &user);
	for (size_t i = 0; r == 0 && add && add[i]; i++) {
		uint32_t gid;

		if (str_eq(add[i], "keep-groups"))
			continue;
		r = resolve_group(add[i], group, &gid, err);
		if (r == 0)
			add_group(&user, gid);
	}
	if (r < 0) {
		user_release(&user);
		return r;
	}
	if (!user.home)
		user.home = xstrdup(user.uid == 0 ? "/root" : "/");
	*ret = user;
	return 0;
}

void user_release(struct user *user)
{
	free(user->groups);
	free(user->name);
	free(user->home);
	*user = (struct user){0};
}
