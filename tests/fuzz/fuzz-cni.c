/* SPDX-License-Identifier: Apache-2.0 */
/* All that a network file, a plugin or the caller of a plugin can hand us. */
#include <stdint.h>
#include <stdlib.h>

#include "cni/conflist.h"
#include "cni/failure.h"
#include "cni/request.h"
#include "cni/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char command[] = "CNI_COMMAND=ADD", id[] = "CNI_CONTAINERID=a", netns[] = "CNI_NETNS=/n",
	    ifname[] = "CNI_IFNAME=eth0";
static char *const env[] = {command, id, netns, ifname, NULL};

static void try_list(const char *text, size_t size)
{
	AUTO(cni_list_release) struct cni_list list = {0};
	AUTO(cni_list_release) struct cni_list again = {0};
	AUTO(json_free) struct json_object *doc = NULL;
	struct error err = {0};
	const char *back;

	if (cni_list_parse(text, size, "input", &list, &err) < 0)
		return;
	for (size_t i = 0; i < list.plugin_count; i++)
		free(cni_request_write(&list, i, NULL, NULL, NULL));
	/* What is kept for DEL is read back with the same plugins. */
	doc = cni_list_encode(&list);
	back = json_object_to_json_string(doc);
	if (cni_list_parse(back, strlen(back), "again", &again, &err) == 0 &&
		again.plugin_count != list.plugin_count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(cni_request_release) struct cni_request request = {0};
	AUTO(cni_failure_release) struct cni_failure failure = {0};
	AUTO(cni_result_release) struct cni_result result = {0};
	const char *text = (const char *)data;
	struct error err = {0};
	unsigned code;

	try_list(text, size);
	cni_request_parse(env, text, size, &request, &code, &err);
	cni_failure_parse(text, size, &failure, &err);
	cni_result_parse(text, size, &result, &err);
	return 0;
}
