/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_VERBS_H
#define CORACLE_VERBS_H

#include "common/command.h"
#include "engine/engine.h"

/* The verbs of this program, each in the file of its name. */
extern const struct command attach_command;
extern const struct command container_cleanup_command;
extern const struct command container_init_command;
extern const struct command container_prune_command;
extern const struct command create_command;
extern const struct command diff_command;
extern const struct command events_command;
extern const struct command exec_command;
extern const struct command image_diff_command;
extern const struct command exists_container_command;
extern const struct command exists_image_command;
extern const struct command exists_volume_command;
extern const struct command healthcheck_command;
extern const struct command images_command;
extern const struct command info_command;
extern const struct command inspect_command;
extern const struct command inspect_container_command;
extern const struct command inspect_image_command;
extern const struct command inspect_volume_command;
extern const struct command kill_command;
extern const struct command logs_command;
extern const struct command migrate_command;
extern const struct command mount_command;
extern const struct command pause_command;
extern const struct command port_command;
extern const struct command ps_command;
extern const struct command rename_command;
extern const struct command reset_command;
extern const struct command restart_command;
extern const struct command rm_command;
extern const struct command rmi_command;
extern const struct command run_command;
extern const struct command start_command;
extern const struct command stats_command;
extern const struct command stop_command;
extern const struct command tag_command;
extern const struct command top_command;
extern const struct command unmount_command;
extern const struct command unpause_command;
extern const struct command unshare_command;
extern const struct command untag_command;
extern const struct command update_command;
extern const struct command version_command;
extern const struct command volume_create_command;
extern const struct command volume_ls_command;
extern const struct command volume_prune_command;
extern const struct command volume_rm_command;
extern const struct command wait_command;

int cmd_cp(struct cli *cli, void *options, char **args);

/* "coracle" and all below it. */
extern const struct command root_command;

/* Options before the verb, as the engine wants them; borrowed from @cli. */
struct engine_options cli_engine_options(const struct cli *cli);
/* engine_open() with them. */
int cli_engine_open(const struct cli *cli, struct engine **ret, struct error *err);

/*
 * Names of containers that a verb with --all, --latest or --cidfile means; owned by the caller.
 * @args: what was typed.  @latest: the newest one.
 */
int cli_container_names(struct engine *engine, char *const *args, bool all, bool latest,
	char *const *cidfiles, char ***ret, struct error *err);

/* coracle __complete WORDS…: proposals for the last word, one per line. */
int complete_main(char **words);

#endif
