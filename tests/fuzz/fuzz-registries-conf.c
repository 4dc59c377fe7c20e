/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/log.h"
#include "registry/config.h"

#define DIGEST_NAME \
	"docker.io/x@sha256:" \
	"1111111111111111111111111111111111111111111111111111111111111111"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The configuration is read, then names of several shapes are resolved by it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"x", "a/b:c", "q.io/a/b", "a.q.io:5000/x", DIGEST_NAME};
	AUTO(registries_config_release) struct registries_config config = {0};

	log_set_level(LOG_LEVEL_ERROR);
	if (registries_config_merge(&config, (const char *)data, size, "f", NULL) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(registry_candidates_release) struct registry_candidates list = {0};
		AUTO(reference_release) struct reference ref = {0};

		if (reference_parse(names[i], &ref, NULL) < 0)
			abort();
		/* Success promises at least one place. */
		if (registry_resolve(&config, &ref, &list, NULL) == 0 && list.count == 0)
			abort();
	}
	return 0;
}
