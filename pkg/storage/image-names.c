/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/str.h"
#include "sys/file.h"

#define TARGET_PREFIX "../../images/"
#define TARGET_SUFFIX ".manifest"
#define HEX_LEN DIGEST_SHA256_HEX_LEN
#define ATTEMPTS 100

void image_name_release(struct image_name *name)
{
	free(name->repo);
	free(name->tag);
	free(name->digest);
	free(name->id);
	free(name->manifest_digest);
	*name = (struct image_name){0};
}

void image_names_release(struct image_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		image_name_release(&names->items[i]);
	free(names->items);
	*names = (struct image_names){0};
}

char *image_name_text(const struct image_name *name)
{
	return name->tag ? xasprintf("%s:%s", name->repo, name->tag)
			 : xasprintf("%s@%s", name->repo, name->digest);
}

static void replace_char(char *text, char from, char to)
{
	for (; *text; text++) {
		if (*text == from)
			*text = to;
	}
}

static char *repo_path(const char *repo)
{
	autofree char *flat = xstrdup(repo);

	/* '%' cannot stand in a repository name. */
	replace_char(flat, '/', '%');
	return xasprintf("names/%s", flat);
}

/* File name of the reference's tag or digest; owned by the caller. */
static char *leaf_name(const char *tag, const char *digest)
{
	return digest ? xasprintf("@%s", digest) : xstrdup(tag);
}

/* "../../images/IDHEX/DIGESTHEX.manifest" */
static int parse_target(const char *target, struct image_name *name)
{
	const char *id = str_after(target, TARGET_PREFIX);
	autofree char *id_digest = NULL, *manifest = NULL;

	if (!id || strlen(id) != HEX_LEN + 1 + HEX_LEN + strlen(TARGET_SUFFIX) ||
		id[HEX_LEN] != '/' || !str_has_suffix(id, TARGET_SUFFIX))
		return -EBADMSG;
	id_digest = xasprintf("sha256:%.*s", HEX_LEN, id);
	manifest = xasprintf("sha256:%.*s", HEX_LEN, id + HEX_LEN + 1);
	if (!digest_is_valid(id_digest) || !digest_is_valid(manifest))
		return -EBADMSG;
	name->id = xstrdup(digest_hex(id_digest));
	name->manifest_digest = take_ptr(manifest);
	return 0;
}

/* Reads one link. 1 found, 0 absent or not ours. */
static int read_name(
	struct store *store, const char *repo, const char *leaf, struct image_name *ret)
{
	autofree char *dir = repo_path(repo);
	autofree char *path = xasprintf("%s/%s", dir, leaf);
	autofree char *target = NULL;
	struct image_name name = {0};

	if (link_read_at(store->rootfd, path, &target) < 0 || parse_target(target, &name) < 0)
		return 0;
	name.repo = xstrdup(repo);
	if (leaf[0] == '@')
		name.digest = xstrdup(leaf + 1);
	else
		name.tag = xstrdup(leaf);
	*ret = name;
	return 1;
}

static int load_repo(
	struct store *store, const char *repo, struct image_names *names, struct error *err)
{
	AUTO(strv_free) char **leaves = NULL;
	autofree char *path = repo_path(repo);
	int r = dir_list_at(store->rootfd, path, &leaves, err);

	/* It may have gone with its last name just now. */
	if (r == -ENOENT)
		return 0;
	for (size_t i = 0; r == 0 && leaves[i]; i++) {
		struct image_name name;

		if (leaves[i][0] == '.' || read_name(store, repo, leaves[i], &name) != 1)
			continue;
		names->items = list_grow(names->items, names->count, sizeof(*names->items));
		names->items[names->count++] = name;
	}
	return r;
}

int image_names_load(struct store *store, struct image_names *ret, struct error *err)
{
	AUTO(image_names_release) struct image_names names = {0};
	AUTO(strv_free) char **repos = NULL;
	int r = dir_list_at(store->rootfd, "names", &repos, err);

	for (size_t i = 0; r == 0 && repos[i]; i++) {
		replace_char(repos[i], '%', '/');
		r = load_repo(store, repos[i], &names, err);
	}
	if (r < 0)
		return r;
	*ret = names;
	names = (struct image_names){0};
	return 0;
}

/* A digest may be that of any manifest that a name of the repository stands for. */
static int find_digest(
	struct store *store, const char *repo, const char *digest, struct image_name *ret)
{
	AUTO(image_names_release) struct image_names names = {0};

	load_repo(store, repo, &names, NULL);
	for (size_t i = 0; i < names.count; i++) {
		struct image_name *name = &names.items[i];

		if (!str_eq(name->manifest_digest, digest))
			continue;
		*ret = (struct image_name){.repo = xstrdup(repo),
			.digest = xstrdup(digest),
			.id = xstrdup(name->id),
			.manifest_digest = xstrdup(digest)};
		return 1;
	}
	return 0;
}

static int find_in_repo(
	struct store *store, const char *repo, const struct reference *ref, struct image_name *ret)
{
	autofree char *leaf = leaf_name(ref->tag ? ref->tag : "latest", ref->digest);

	if (read_name(store, repo, leaf, ret) == 1)
		return 1;
	return ref->digest ? find_digest(store, repo, ref->digest, ret) : 0;
}

/* "x" is also the end of "quay.io/some/x". The first in order of the alphabet wins. */
static int find_suffix(
	struct store *store, const struct reference *ref, struct image_name *ret, struct error *err)
{
	AUTO(strv_free) char **repos = NULL;
	autofree char *suffix = xasprintf("/%s", ref->path);
	struct image_name best = {0};
	int r = dir_list_at(store->rootfd, "names", &repos, err);

	if (r < 0)
		return r;
	for (size_t i = 0; repos[i]; i++) {
		struct image_name name;

		replace_char(repos[i], '%', '/');
		if (!str_has_suffix(repos[i], suffix) ||
			(best.repo && strcmp(best.repo, repos[i]) < 0) ||
			find_in_repo(store, repos[i], ref, &name) != 1)
			continue;
		image_name_release(&best);
		best = name;
	}
	if (!best.repo)
		return 0;
	*ret = best;
	return 1;
}

int image_names_find(
	struct store *store, const struct reference *ref, struct image_name *ret, struct error *err)
{
	AUTO(reference_release) struct reference full = {0};
	autofree char *repo = NULL, *local = NULL;

	reference_copy(&full, ref);
	reference_normalize(&full);
	repo = reference_name(&full);
	if (ref->domain)
		return find_in_repo(store, repo, ref, ret);
	local = xasprintf("localhost/%s", ref->path);
	if (find_in_repo(store, local, ref, ret) == 1 || find_in_repo(store, repo, ref, ret) == 1)
		return 1;
	return find_suffix(store, ref, ret, err);
}

static int set_link(struct store *store, const char *dir, const char *leaf, const char *target)
{
	autofree char *temporary = NULL;
	autofree char *path = xasprintf("%s/%s", dir, leaf);
	int r = store_staging_name(&temporary, NULL);

	if (r < 0)
		return r;
	if (mkdirat(store->rootfd, dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (symlinkat(target, store->rootfd, temporary) < 0)
		return -errno;
	if (renameat(store->rootfd, temporary, store->rootfd, path) == 0)
		return 0;
	r = -errno;
	unlinkat(store->rootfd, temporary, 0);
	return r;
}

int image_names_set(struct store *store, const struct reference *ref, const char *id,
	const char *manifest_digest, struct error *err)
{
	autofree char *repo = reference_name(ref);
	autofree char *dir = repo_path(repo);
	autofree char *leaf = leaf_name(ref->tag, ref->digest);
	autofree char *target =
		xasprintf(TARGET_PREFIX "%s/%s" TARGET_SUFFIX, id, digest_hex(manifest_digest));
	int r = -ENOENT;

	/* The directory goes with its last name, perhaps between our two steps. */
	for (int i = 0; r == -ENOENT && i < ATTEMPTS; i++)
		r = set_link(store, dir, leaf, target);
	return r < 0 ? error_sys(err, -r, "name image %s", repo) : 0;
}

int image_names_unset(struct store *store, const struct reference *ref, struct error *err)
{
	autofree char *repo = reference_name(ref);
	autofree char *dir = repo_path(repo);
	autofree char *leaf = leaf_name(ref->tag, ref->digest);
	autofree char *path = xasprintf("%s/%s", dir, leaf);
	int r = 1;

	if (unlinkat(store->rootfd, path, 0) < 0) {
		if (errno != ENOENT)
			return error_sys(err, errno, "untag %s", repo);
		r = 0;
	}
	unlinkat(store->rootfd, dir, AT_REMOVEDIR);
	return r;
}
