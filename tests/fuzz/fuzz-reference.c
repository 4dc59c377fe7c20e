/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/platform.h"
#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct reference ref = {0};
	char *text = malloc(size + 1), *back;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	if (reference_parse_normalized(text, &ref, &err) == 0) {
		struct reference again = {0};

		/* What is printed is read back the same. */
		back = reference_format(&ref);
		if (reference_parse_normalized(back, &again, &err) < 0)
			abort();
		reference_release(&again);
		free(back);
	}
	reference_release(&ref);
	free(text);
	return 0;
}
