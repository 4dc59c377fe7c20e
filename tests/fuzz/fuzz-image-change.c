/* SPDX-License-Identifier: Apache-2.0 */
/* --change of commit and import: lines are instructions. What they make is a configuration. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char plain[] =
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],"
	"\"Labels\":{\"a\":\"b\"},\"WorkingDir\":\"/w\"},"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	AUTO(strv_free) char **lines = strv_split(text, '\n');
	struct image_config config = {0}, again = {0};
	autofree char *written = NULL;
	struct error err = {0};

	assert(image_config_parse(plain, strlen(plain), &config, NULL) == 0);
	for (char **line = lines; line && *line; line++) {
		if (image_change(&config, *line, &err) < 0)
			assert(err.text[0]);
	}
	written = image_config_write(&config);
	assert(image_config_parse(written, strlen(written), &again, NULL) == 0);
	image_config_release(&config);
	image_config_release(&again);
	return 0;
}
