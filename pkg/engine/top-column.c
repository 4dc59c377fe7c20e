/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/top-column.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "spec/capability.h"

typedef char *column_text(const struct top_context *context, const struct top_process *process);

struct top_column {
	const char *name;
	const char *code; /* of AIX ps; NULL: none */
	const char *header;
	column_text *text;
};

/* ---- users and groups ---- */

/* What is not mapped in the container has no number there but the kernel's stand-in. */
#define OVERFLOW_ID 65534

static char *name_of(const struct id_names *names, const struct idmap *map, uint32_t id)
{
	uint32_t inside = id;
	const char *name;

	if (map && !idmap_to_inside(map, id, &inside))
		inside = OVERFLOW_ID;
	name = id_names_find(names, inside);
	return name ? xstrdup(name) : xasprintf("%" PRIu32, inside);
}

static char *host_id(const struct idmap *map, uint32_t id)
{
	uint32_t outside;

	return idmap_to_outside(map, id, &outside) ? xasprintf("%" PRIu32, outside) : xstrdup("?");
}

static char *user_text(const struct top_context *context, const struct top_process *process)
{
	return name_of(context->users, context->uids, process->euid);
}

static char *ruser_text(const struct top_context *context, const struct top_process *process)
{
	return name_of(context->users, context->uids, process->ruid);
}

static char *group_text(const struct top_context *context, const struct top_process *process)
{
	return name_of(context->groups, context->gids, process->egid);
}

static char *rgroup_text(const struct top_context *context, const struct top_process *process)
{
	return name_of(context->groups, context->gids, process->rgid);
}

static char *groups_text(const struct top_context *context, const struct top_process *process)
{
	AUTO(strv_free) char **names = NULL;

	for (size_t i = 0; i < process->group_count; i++)
		strv_take(&names, name_of(context->groups, context->gids, process->groups[i]));
	return strv_join(names, ",");
}

static char *huser_text(const struct top_context *context, const struct top_process *process)
{
	return host_id(context->host_uids, process->euid);
}

static char *hgroup_text(const struct top_context *context, const struct top_process *process)
{
	return host_id(context->host_gids, process->egid);
}

static char *hgroups_text(const struct top_context *context, const struct top_process *process)
{
	AUTO(strv_free) char **ids = NULL;

	for (size_t i = 0; i < process->group_count; i++)
		strv_take(&ids, host_id(context->host_gids, process->groups[i]));
	return strv_join(ids, ",");
}

/* ---- numbers ---- */

#define NUMBER(function, format, expression) \
	static char *function( \
		const struct top_context *context, const struct top_process *process) \
	{ \
		(void)context; \
		return xasprintf(format, expression); \
	}

NUMBER(pid_text, "%" PRId64, process->pid)
NUMBER(ppid_text, "%" PRId64, process->ppid)
NUMBER(pgid_text, "%" PRId64, process->pgid)
NUMBER(hpid_text, "%d", (int)process->hpid)
NUMBER(nice_text, "%" PRId64, process->nice)
NUMBER(state_text, "%c", process->state)
NUMBER(vsz_text, "%" PRIu64, process->vsz_bytes / 1024)
NUMBER(rss_text, "%" PRIu64, process->rss_pages *(context->page_bytes / 1024))

/* ---- times ---- */

static int64_t ticks_to_ns(const struct top_context *context, uint64_t ticks)
{
	uint64_t second = ticks / context->ticks_per_second;
	uint64_t rest = ticks % context->ticks_per_second;

	return (int64_t)(second * 1000000000 + rest * 1000000000 / context->ticks_per_second);
}

static int64_t elapsed_ns(const struct top_context *context, const struct top_process *process)
{
	int64_t span = context->uptime_ns - ticks_to_ns(context, process->start_ticks);

	return span > 0 ? span : 0;
}

static char *etime_text(const struct top_context *context, const struct top_process *process)
{
	return duration_format(elapsed_ns(context, process));
}

static char *time_text(const struct top_context *context, const struct top_process *process)
{
	return duration_format(ticks_to_ns(context, process->cpu_ticks));
}

/* Its whole life long. */
static char *pcpu_text(const struct top_context *context, const struct top_process *process)
{
	int64_t life = elapsed_ns(context, process);
	double used = (double)ticks_to_ns(context, process->cpu_ticks);

	return xasprintf("%.3f", life ? used * 100 / (double)life : 0.0);
}

/* In whole seconds: the clocks do not agree about more. */
static char *stime_text(const struct top_context *context, const struct top_process *process)
{
	int64_t start = context->now_ns - elapsed_ns(context, process);
	autofree char *text = time_format(start - start % 1000000000);

	return xasprintf("%.10s %.8s +0000 UTC", text, text + strlen("0000-00-00T"));
}

/* ---- the rest ---- */

/* Numbers of devices.txt in the kernel's documentation. */
static char *tty_text(const struct top_context *context, const struct top_process *process)
{
	enum { TTY_MAJOR = 4, AUX_MAJOR = 5, PTS_MAJOR = 136, PTS_LAST = 143, SERIAL = 64 };
	unsigned major = (process->tty >> 8) & 0xfff;
	unsigned minor = (process->tty & 0xff) | ((process->tty >> 12) & 0xfff00);

	(void)context;
	if (major >= PTS_MAJOR && major <= PTS_LAST)
		return xasprintf("pts/%u", (major - PTS_MAJOR) * 256 + minor);
	if (major == TTY_MAJOR && minor < SERIAL)
		return xasprintf("tty%u", minor);
	if (major == TTY_MAJOR)
		return xasprintf("ttyS%u", minor - SERIAL);
	return xstrdup(major == AUX_MAJOR && minor == 1 ? "console" : "?");
}

static char *comm_text(const struct top_context *context, const struct top_process *process)
{
	(void)context;
	return xstrdup(process->comm);
}

/* As ps shows what has no command line, or has ended. */
static char *args_text(const struct top_context *context, const struct top_process *process)
{
	(void)context;
	return *process->args ? xstrdup(process->args) : xasprintf("[%s]", process->comm);
}

static char *label_text(const struct top_context *context, const struct top_process *process)
{
	(void)context;
	return xstrdup(*process->label ? process->label : "?");
}

static char *seccomp_text(const struct top_context *context, const struct top_process *process)
{
	static const char *const modes[] = {"disabled", "strict", "filter"};

	(void)context;
	return xstrdup(process->seccomp < ARRAY_SIZE(modes) ? modes[process->seccomp] : "?");
}

/* Names without CAP_. */
static char *capabilities(uint64_t set)
{
	const uint64_t all = (UINT64_C(1) << CAPABILITY_COUNT) - 1;
	AUTO(strv_free) char **names = capability_names(set);
	AUTO(strv_free) char **shorts = NULL;

	if (set == 0)
		return xstrdup("none");
	if ((set & all) == all)
		return xstrdup("full");
	for (size_t i = 0; names && names[i]; i++) {
		const char *rest = str_after(names[i], "CAP_");

		strv_add(&shorts, rest ? rest : names[i]);
	}
	strv_sort(shorts);
	return strv_join(shorts, ",");
}

#define CAPABILITIES(function, member) \
	static char *function( \
		const struct top_context *context, const struct top_process *process) \
	{ \
		(void)context; \
		return capabilities(process->member); \
	}

CAPABILITIES(capamb_text, cap_ambient)
CAPABILITIES(capbnd_text, cap_bounding)
CAPABILITIES(capeff_text, cap_effective)
CAPABILITIES(capinh_text, cap_inheritable)
CAPABILITIES(capprm_text, cap_permitted)

static const struct top_column columns[] = {
	{"args", "%a", "COMMAND", args_text},
	{"capamb", NULL, "AMBIENT CAPS", capamb_text},
	{"capbnd", NULL, "BOUNDING CAPS", capbnd_text},
	{"capeff", NULL, "EFFECTIVE CAPS", capeff_text},
	{"capinh", NULL, "INHERITED CAPS", capinh_text},
	{"capprm", NULL, "PERMITTED CAPS", capprm_text},
	{"comm", "%c", "COMMAND", comm_text},
	{"etime", "%t", "ELAPSED", etime_text},
	{"group", "%G", "GROUP", group_text},
	{"groups", NULL, "GROUPS", groups_text},
	{"hgroup", NULL, "HGROUP", hgroup_text},
	{"hgroups", NULL, "HGROUPS", hgroups_text},
	{"hpid", NULL, "HPID", hpid_text},
	{"huser", NULL, "HUSER", huser_text},
	{"label", NULL, "LABEL", label_text},
	{"nice", "%n", "NI", nice_text},
	{"pcpu", "%C", "%CPU", pcpu_text},
	{"pgid", "%r", "PGID", pgid_text},
	{"pid", "%p", "PID", pid_text},
	{"ppid", "%P", "PPID", ppid_text},
	{"rgroup", "%g", "RGROUP", rgroup_text},
	{"rss", NULL, "RSS", rss_text},
	{"ruser", "%u", "RUSER", ruser_text},
	{"seccomp", NULL, "SECCOMP", seccomp_text},
	{"state", NULL, "STATE", state_text},
	{"stime", NULL, "STIME", stime_text},
	{"time", "%x", "TIME", time_text},
	{"tty", "%y", "TTY", tty_text},
	{"user", "%U", "USER", user_text},
	{"vsz", "%z", "VSZ", vsz_text},
};

const struct top_column *top_column_find(const char *descriptor)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (str_eq(columns[i].name, descriptor) ||
			(columns[i].code && str_eq(columns[i].code, descriptor)))
			return &columns[i];
	}
	return NULL;
}

const char *top_column_header(const struct top_column *column)
{
	return column->header;
}

char *top_column_text(const struct top_column *column, const struct top_context *context,
	const struct top_process *process)
{
	return column->text(context, process);
}
