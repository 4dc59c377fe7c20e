/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "sys/dirs.h"
#include "userns/userns.h"

#define STALL_TIMEOUT_MAX_S 3600

int session_open(const struct cli *cli, struct store **ret, struct error *err)
{
	/* Asked for before we are id 0, whose directories are others. */
	autofree char *root = cli->globals.root ? xstrdup(cli->globals.root) : dirs_data_root();
	autofree char *run_root =
		cli->globals.runroot ? xstrdup(cli->globals.runroot) : dirs_run_root();
	struct store_options options = {
		.root = root,
		.runroot = run_root,
		.driver = cli->globals.storage_driver,
		.no_events = cli_no_events(cli),
	};
	struct userns_info userns = {0};
	struct store *store;
	int r = userns_enter(run_root, root, &userns, err);

	userns_info_release(&userns);
	if (r < 0)
		return r;
	r = store_open(&options, &store, err);
	if (r < 0)
		return r;
	store_collect_garbage(store);
	*ret = store;
	return 0;
}

/* How long a silent server is waited for; 0 leaves it to the client. */
static unsigned stall_timeout_s(void)
{
	const char *text = getenv("CORACLE_STALL_TIMEOUT");
	uint64_t seconds;

	if (str_is_empty(text))
		return 0;
	if (str_to_u64(text, 10, &seconds) == 0 && seconds > 0 && seconds <= STALL_TIMEOUT_MAX_S)
		return (unsigned)seconds;
	log_warn("CORACLE_STALL_TIMEOUT=%s is not from 1 to %d seconds and not used", text,
		STALL_TIMEOUT_MAX_S);
	return 0;
}

struct registry_options session_registry(const struct registry_cli_options *cli)
{
	struct registry_options options = {
		.authfile = cli->authfile,
		.creds = cli->creds,
		.cert_dir = cli->cert_dir,
		.user_agent = "coracle/" CORACLE_VERSION,
		.stall_timeout_s = stall_timeout_s(),
	};

	if (cli->has_tls_verify)
		options.tls_verify = cli->tls_verify ? TRISTATE_TRUE : TRISTATE_FALSE;
	return options;
}

int session_platform(
	const struct platform_cli_options *cli, struct platform *ret, struct error *err)
{
	autofree char *text = NULL;
	int r = platform_cli_text(cli, &text, err);

	if (r < 0 || !text)
		return r;
	r = platform_parse(text, ret, err);
	return r < 0 ? r : 1;
}
