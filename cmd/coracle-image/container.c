/* SPDX-License-Identifier: Apache-2.0 */
#include "container.h"

int container_engine_open(const struct cli *cli, struct engine **ret, struct error *err)
{
	const struct engine_options options = {
		.root = cli->globals.root,
		.runroot = cli->globals.runroot,
		.driver = cli->globals.storage_driver,
		.no_events = cli_no_events(cli),
	};

	return engine_open(&options, ret, err);
}
