/* SPDX-License-Identifier: Apache-2.0 */
/* What is read once can be written and read again, and says the same. */
#include <assert.h>
#include <stdint.h>

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(spec_release) struct spec spec = {0};
	AUTO(spec_release) struct spec again = {0};
	autofree char *text = NULL;
	autofree char *second = NULL;

	if (spec_parse((const char *)data, size, &spec, NULL) < 0)
		return 0;
	text = spec_write(&spec);
	if (spec_parse(text, strlen(text), &again, NULL) < 0)
		return 0; /* depth of what is kept as it is can differ by the layout's limit */
	second = spec_write(&again);
	assert(strcmp(text, second) == 0);
	return 0;
}
