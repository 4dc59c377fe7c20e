/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "image/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct image_config config = {0};

	if (image_config_parse((const char *)data, size, &config, &err) == 0)
		free(image_config_write(&config));
	image_config_release(&config);
	return 0;
}
