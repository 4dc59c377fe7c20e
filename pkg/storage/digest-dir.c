/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/digest-dir.h"

#include "base/digest.h"
#include "base/str.h"
#include "sys/file.h"

int digest_dir_list(int dirfd, const char *name, const char *suffix, char ***ret, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	char **digests = NULL;
	int r = dir_list_at(dirfd, name, &names, err);

	if (r < 0)
		return r;
	for (size_t i = 0; names[i]; i++) {
		autofree char *digest = NULL;

		if (!str_has_suffix(names[i], suffix))
			continue;
		digest = xasprintf(
			"sha256:%.*s", (int)(strlen(names[i]) - strlen(suffix)), names[i]);
		if (digest_is_valid(digest))
			strv_take(&digests, take_ptr(digest));
	}
	strv_sort(digests);
	*ret = digests;
	return 0;
}
