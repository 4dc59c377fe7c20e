/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <signal.h>

#include "common/opts-container.h"
#include "common/opts-image.h"
#include "common/out.h"
#include "sys/process-title.h"
#include "verbs.h"

static const struct command_entry container_children[] = {
	{"attach", &attach_command, false, NULL},
	{"cleanup", &container_cleanup_command, false, NULL},
	{"commit", &commit_command, false, NULL},
	{"cp", &cp_command, false, cmd_cp},
	{"create", &create_command, false, NULL},
	{"diff", &diff_command, false, NULL},
	{"exec", &exec_command, false, NULL},
	{"exists", &exists_container_command, false, NULL},
	{"export", &export_command, false, NULL},
	{"init", &container_init_command, false, NULL},
	{"inspect", &inspect_container_command, false, NULL},
	{"kill", &kill_command, false, NULL},
	{"list", &ps_command, true, NULL},
	{"logs", &logs_command, false, NULL},
	{"ls", &ps_command, false, NULL},
	{"mount", &mount_command, false, NULL},
	{"pause", &pause_command, false, NULL},
	{"port", &port_command, false, NULL},
	{"prune", &container_prune_command, false, NULL},
	{"ps", &ps_command, true, NULL},
	{"rename", &rename_command, false, NULL},
	{"restart", &restart_command, false, NULL},
	{"rm", &rm_command, false, NULL},
	{"run", &run_command, false, NULL},
	{"start", &start_command, false, NULL},
	{"stats", &stats_command, false, NULL},
	{"stop", &stop_command, false, NULL},
	{"top", &top_command, false, NULL},
	{"umount", &unmount_command, true, NULL},
	{"unmount", &unmount_command, false, NULL},
	{"unpause", &unpause_command, false, NULL},
	{"update", &update_command, false, NULL},
	{"wait", &wait_command, false, NULL},
	{0},
};

static const struct command_entry image_children[] = {
	{"diff", &image_diff_command, false, NULL},
	{"exists", &exists_image_command, false, NULL},
	{"import", &import_command, false, NULL},
	{"inspect", &inspect_image_command, false, NULL},
	{"list", &images_command, true, NULL},
	{"ls", &images_command, false, NULL},
	{"pull", &pull_command, false, NULL},
	{"rm", &rmi_command, false, NULL},
	{"tag", &tag_command, false, NULL},
	{"untag", &untag_command, false, NULL},
	{0},
};

static const struct command_entry volume_children[] = {
	{"create", &volume_create_command, false, NULL},
	{"exists", &exists_volume_command, false, NULL},
	{"inspect", &inspect_volume_command, false, NULL},
	{"list", &volume_ls_command, true, NULL},
	{"ls", &volume_ls_command, false, NULL},
	{"prune", &volume_prune_command, false, NULL},
	{"rm", &volume_rm_command, false, NULL},
	{0},
};

static const struct command_entry system_children[] = {
	{"events", &events_command, false, NULL},
	{"info", &info_command, false, NULL},
	{"migrate", &migrate_command, false, NULL},
	{"reset", &reset_command, false, NULL},
	{0},
};

static const struct command container_command = {
	.name = "container",
	.summary = "Manage containers",
	.children = container_children,
};
static const struct command image_command = {
	.name = "image",
	.summary = "Manage images",
	.children = image_children,
};
static const struct command volume_command = {
	.name = "volume",
	.summary = "Manage volumes",
	.children = volume_children,
};
static const struct command system_command = {
	.name = "system",
	.summary = "Manage coracle itself",
	.children = system_children,
};

static const struct command_entry root_children[] = {
	{"attach", &attach_command, false, NULL},
	{"commit", &commit_command, false, NULL},
	{"container", &container_command, false, NULL},
	{"cp", &cp_command, false, cmd_cp},
	{"create", &create_command, false, NULL},
	{"diff", &diff_command, false, NULL},
	{"events", &events_command, false, NULL},
	{"exec", &exec_command, false, NULL},
	{"export", &export_command, false, NULL},
	{"healthcheck", &healthcheck_command, false, NULL},
	{"image", &image_command, false, NULL},
	{"images", &images_command, false, NULL},
	{"import", &import_command, false, NULL},
	{"info", &info_command, false, NULL},
	{"init", &container_init_command, false, NULL},
	{"inspect", &inspect_command, false, NULL},
	{"kill", &kill_command, false, NULL},
	{"login", &login_command, false, NULL},
	{"logout", &logout_command, false, NULL},
	{"logs", &logs_command, false, NULL},
	{"mount", &mount_command, false, NULL},
	{"pause", &pause_command, false, NULL},
	{"port", &port_command, false, NULL},
	{"ps", &ps_command, false, NULL},
	{"pull", &pull_command, false, NULL},
	{"rename", &rename_command, false, NULL},
	{"restart", &restart_command, false, NULL},
	{"rm", &rm_command, false, NULL},
	{"rmi", &rmi_command, false, NULL},
	{"run", &run_command, false, NULL},
	{"start", &start_command, false, NULL},
	{"stats", &stats_command, false, NULL},
	{"stop", &stop_command, false, NULL},
	{"system", &system_command, false, NULL},
	{"tag", &tag_command, false, NULL},
	{"top", &top_command, false, NULL},
	{"umount", &unmount_command, true, NULL},
	{"unmount", &unmount_command, false, NULL},
	{"unpause", &unpause_command, false, NULL},
	{"unshare", &unshare_command, false, NULL},
	{"untag", &untag_command, false, NULL},
	{"update", &update_command, false, NULL},
	{"version", &version_command, false, NULL},
	{"volume", &volume_command, false, NULL},
	{"wait", &wait_command, false, NULL},
	{0},
};

const struct command root_command = {
	.name = "coracle",
	.summary = "Containers for people without root",
	.opts = global_opts,
	.children = root_children,
};

/* For tests/lint: every option of every verb. */
static int dump_options(void)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	command_dump_options(&root_command, root_command.name, &text);
	out_text(strbuf_get(&text));
	return 0;
}

/* A run of some milliseconds gives nothing back in between, and grows the heap in one step. */
static void tune_heap(void)
{
	mallopt(M_TOP_PAD, 512 << 10);
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

int main(int argc, char **argv)
{
	tune_heap();
	process_title_init(argc, argv);
	/* Sockets and pipes report EPIPE; out_text() ends as SIGPIPE would. */
	signal(SIGPIPE, SIG_IGN);
	/* A limit of file sizes (ulimit -f) is EFBIG to whoever writes, not the end of us. */
	signal(SIGXFSZ, SIG_IGN);
	if (argc > 1 && str_eq(argv[1], "__complete"))
		return complete_main(argv + 2);
	if (argc > 1 && str_eq(argv[1], "__options"))
		return dump_options();
	return command_main(&root_command, argv);
}
