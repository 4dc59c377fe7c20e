/* SPDX-License-Identifier: Apache-2.0 */
#include "user-manager.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/clock.h"
#include "base/str.h"

#define SERVICE "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define INTERFACE "org.freedesktop.systemd1.Manager"
#define TIMEOUT_USEC (20 * UINT64_C(1000000))

struct user_manager {
	sd_bus *bus;
	char *wanted_job;  /* object path; NULL: not known yet */
	char *done_job;    /* last one that the manager has said to be done */
	char *done_result; /* and how: "done", "failed", … */
};

static inline void auto_sd_bus_message_unref(sd_bus_message **message)
{
	sd_bus_message_unref(*message);
}

void user_manager_free(struct user_manager *manager)
{
	if (!manager)
		return;
	sd_bus_flush_close_unref(manager->bus);
	free(manager->wanted_job);
	free(manager->done_job);
	free(manager->done_result);
	free(manager);
}

/* D-Bus specification, "Server Addresses": what is not plain is written as %XX. */
static void add_escaped(struct strbuf *buf, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-_/.*", *text))
			strbuf_addc(buf, *text);
		else
			strbuf_addf(buf, "%%%02x", (unsigned)(unsigned char)*text);
	}
}

/* Without a bus between us, which systemctl does as well: it is quicker, and one less to need. */
static int open_private(sd_bus **ret)
{
	AUTO(strbuf_release) struct strbuf address = STRBUF_INIT;
	const char *dir = getenv("XDG_RUNTIME_DIR");
	sd_bus *bus = NULL;
	int r;

	if (str_is_empty(dir))
		return -ENOENT;
	strbuf_adds(&address, "unix:path=");
	add_escaped(&address, dir);
	strbuf_adds(&address, "/systemd/private");
	r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_address(bus, address.data);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0)
		sd_bus_unref(bus);
	else
		*ret = bus;
	return r;
}

static int call_error(int r, const sd_bus_error *error, const char *what, struct error *err)
{
	if (error && error->message)
		return error_set(err, -r, "systemd: %s: %s", what, error->message);
	return error_sys(err, -r, "systemd: %s", what);
}

/* On the bus, signals come only to those who have asked for them. */
static int open_on_bus(sd_bus **ret)
{
	sd_bus *bus = NULL;
	int r = sd_bus_open_user(&bus);

	if (r >= 0)
		r = sd_bus_call_method(
			bus, SERVICE, OBJECT, INTERFACE, "Subscribe", NULL, NULL, "");
	if (r < 0)
		sd_bus_flush_close_unref(bus);
	else
		*ret = bus;
	return r;
}

/* A job may be done before we are told its name, so the last one is remembered. */
static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *ret_error)
{
	struct user_manager *manager = data;
	const char *job, *result;
	uint32_t id;

	(void)ret_error;
	if (sd_bus_message_read(message, "uoss", &id, &job, NULL, &result) < 0)
		return 0;
	if (manager->wanted_job && !str_eq(manager->wanted_job, job))
		return 0;
	free(manager->done_job);
	free(manager->done_result);
	manager->done_job = xstrdup(job);
	manager->done_result = xstrdup(result);
	return 0;
}

int user_manager_open(struct user_manager **ret, struct error *err)
{
	AUTO(user_manager_free) struct user_manager *manager = xnew(struct user_manager);
	int r = open_private(&manager->bus);

	if (r < 0)
		r = open_on_bus(&manager->bus);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(manager->bus, TIMEOUT_USEC);
	if (r >= 0)
		r = sd_bus_match_signal(manager->bus, NULL, NULL, OBJECT, INTERFACE, "JobRemoved",
			on_job_removed, manager);
	if (r < 0)
		return error_sys(err, -r, "the user's systemd does not answer");
	*ret = take_ptr(manager);
	return 0;
}

static int wait_job(struct user_manager *manager, const char *unit, struct error *err)
{
	int64_t end_usec = clock_monotonic_ns() / 1000 + (int64_t)TIMEOUT_USEC;

	while (!str_eq(manager->done_job, manager->wanted_job)) {
		int64_t left_usec = end_usec - clock_monotonic_ns() / 1000;
		int r = sd_bus_process(manager->bus, NULL);

		if (r == 0 && left_usec <= 0)
			return error_set(err, ETIMEDOUT, "systemd does not start %s", unit);
		if (r == 0)
			r = sd_bus_wait(manager->bus, (uint64_t)left_usec);
		if (r < 0 && r != -EINTR)
			return call_error(r, NULL, unit, err);
	}
	if (!str_eq(manager->done_result, "done"))
		return error_set(err, EIO, "systemd: start of %s: %s", unit, manager->done_result);
	return 0;
}

static int append_property(sd_bus_message *call, const char *text, struct error *err)
{
	const char *value;
	uint64_t number;
	int r = -EINVAL;

	if ((value = str_after(text, "Description=")))
		r = sd_bus_message_append(call, "(sv)", "Description", "s", value);
	else if ((value = str_after(text, "TimeoutStopUSec=")) &&
		 str_to_u64(value, 10, &number) == 0)
		r = sd_bus_message_append(call, "(sv)", "TimeoutStopUSec", "t", number);
	return r < 0 ? error_set(err, -r, "scope property \"%s\" is not known", text) : 0;
}

/* systemd.resource-control(5), Delegate=: what is below the scope is ours. */
static int append_scope(sd_bus_message *call, const struct scope_request *req, struct error *err)
{
	int r = sd_bus_message_append(call, "ss", req->name, "fail");

	if (r >= 0)
		r = sd_bus_message_open_container(call, 'a', "(sv)");
	if (r >= 0)
		r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)", "Slice", "s", req->slice,
			"PIDs", "au", 1, req->pid, "Delegate", "b", 1,
			/* One that was killed for memory must not stay as "failed". */
			"CollectMode", "s", "inactive-or-failed");
	if (r < 0)
		return call_error(r, NULL, req->name, err);
	for (size_t i = 0; r >= 0 && req->properties && req->properties[i]; i++)
		r = append_property(call, req->properties[i], err);
	if (r < 0)
		return r;
	r = sd_bus_message_close_container(call);
	if (r >= 0)
		r = sd_bus_message_append(call, "a(sa(sv))", 0);
	return r < 0 ? call_error(r, NULL, req->name, err) : 0;
}

static int send_start(
	struct user_manager *manager, sd_bus_message *call, const char *unit, struct error *err)
{
	AUTO(sd_bus_message_unref) sd_bus_message *reply = NULL;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	const char *job;
	int r = sd_bus_call(manager->bus, call, 0, &error, &reply);

	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &job);
	if (r < 0) {
		bool exists = sd_bus_error_has_name(&error, SERVICE ".UnitExists");

		r = call_error(exists ? -EEXIST : r, &error, unit, err);
		sd_bus_error_free(&error);
		return r;
	}
	manager->wanted_job = xstrdup(job);
	return wait_job(manager, unit, err);
}

int user_manager_start_scope(
	struct user_manager *manager, const struct scope_request *req, struct error *err)
{
	AUTO(sd_bus_message_unref) sd_bus_message *call = NULL;
	int r = sd_bus_message_new_method_call(
		manager->bus, &call, SERVICE, OBJECT, INTERFACE, "StartTransientUnit");

	if (r < 0)
		return call_error(r, NULL, req->name, err);
	r = append_scope(call, req, err);
	return r < 0 ? r : send_start(manager, call, req->name, err);
}

int user_manager_attach(struct user_manager *manager, const char *scope, const char *subgroup,
	uint32_t pid, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call_method(manager->bus, SERVICE, OBJECT, INTERFACE,
		"AttachProcessesToUnit", &error, NULL, "ssau", scope, subgroup, 1, pid);

	if (r >= 0)
		return 0;
	r = call_error(r, &error, scope, err);
	sd_bus_error_free(&error);
	return r;
}
