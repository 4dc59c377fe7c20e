/* SPDX-License-Identifier: Apache-2.0 */
/* Networks that a monitor was killed before it could detach, or that it could not detach. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/internal.h"
#include "network/network.h"
#include "sys/file.h"

#define ID_LEN 64

void engine_detach_lost_network(struct engine *engine, const struct container_record *record)
{
	autofree char *state_dir = xasprintf("%s/network", engine->store->run);
	AUTO(network_choice_release) struct network_choice choice = {0};
	struct network_request request = {
		.choice = &choice,
		.ports = &record->ports,
		.container_id = record->id,
		.state_dir = state_dir,
	};
	struct error err = {0};

	if (network_choice_parse(record->network, &choice, NULL) < 0 ||
		!network_choice_is_private(&choice) || choice.mode == NETWORK_MODE_NONE)
		return;
	if (network_detach(&request, &err) < 0)
		log_warn("network of %.12s: %s", record->id, error_text(&err));
}

/* Of NETWORK-ID-INTERFACE, where the others may hold hyphens, too, but only the id so many digits.
 */
static char *id_in_record_name(const char *name)
{
	for (const char *at = strchr(name, '-'); at; at = strchr(at + 1, '-')) {
		if (strspn(at + 1, "0123456789abcdef") == ID_LEN && at[ID_LEN + 1] == '-')
			return xstrndup(at + 1, ID_LEN);
	}
	return NULL;
}

static void detach_gone(struct engine *engine, const char *state_dir, const char *id)
{
	autofree char *path = xasprintf("containers/%s", id);
	struct network_request request = {.container_id = id, .state_dir = state_dir};
	struct error err = {0};

	if (faccessat(engine->store->rootfd, path, F_OK, 0) == 0 || errno != ENOENT)
		return;
	if (network_detach(&request, &err) < 0)
		log_debug("network of %.12s, which is gone: %s", id, error_text(&err));
}

void engine_tidy_networks(struct engine *engine)
{
	autofree char *state_dir = xasprintf("%s/network", engine->store->run);
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(engine->store->runfd, "network/results", &names, NULL) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		autofree char *id = names[i][0] == '.' ? NULL : id_in_record_name(names[i]);

		if (id)
			detach_gone(engine, state_dir, id);
	}
}
