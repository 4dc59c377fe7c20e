/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct spec spec = {0};

	if (spec_parse((const char *)data, size, &spec, &err) == 0) {
		spec_check(&spec, &err);
		free(spec_write(&spec));
	}
	spec_release(&spec);
	return 0;
}
