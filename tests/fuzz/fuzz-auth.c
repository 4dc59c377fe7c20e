/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/str.h"
#include "registry/auth.h"
#include "registry/challenge.h"
#include "registry/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What registries say about access, and the files with the answers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {"q.io", "q.io/a/b", "docker.io/library/x"};
	autofree char *text = xstrndup((const char *)data, size);
	AUTO(challenges_release) struct challenges challenges = {0};
	struct content_range range;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTO(auth_release) struct auth modern = {0};
		AUTO(auth_release) struct auth legacy = {0};

		auth_parse((const char *)data, size, keys[i], false, &modern, NULL);
		auth_parse((const char *)data, size, keys[i], true, &legacy, NULL);
	}
	challenges_add(&challenges, text);
	content_range_parse(text, &range);
	return 0;
}
