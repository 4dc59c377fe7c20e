/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct manifest manifest = {0};
	struct index index = {0};
	const char *bytes = (const char *)data;

	if (manifest_parse(bytes, size, NULL, &manifest, &err) == 0)
		free(manifest_write(&manifest));
	manifest_release(&manifest);
	index_parse(bytes, size, NULL, &index, &err);
	index_release(&index);
	return 0;
}
