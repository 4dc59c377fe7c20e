/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inspect.h"
#include "spec/spec.h"

struct json_object *inspect_config(const struct container_record *record, const struct spec *spec)
{
	struct json_object *obj = json_object_new_object();
	autofree char *umask_text = xasprintf("%04o", spec->process.user.umask);

	json_add_string(obj, "Hostname", record->hostname);
	json_add_string(obj, "Domainname", "");
	json_add_string(obj, "User", record->user);
	json_add_bool(obj, "AttachStdin", false);
	json_add_bool(obj, "AttachStdout", false);
	json_add_bool(obj, "AttachStderr", false);
	json_add_bool(obj, "Tty", record->tty);
	json_add_bool(obj, "OpenStdin", record->interactive);
	json_add_bool(obj, "StdinOnce", record->interactive);
	json_object_object_add(obj, "Env", json_from_strv(spec->process.env));
	json_object_object_add(obj, "Cmd", json_from_strv(record->command));
	json_add_string(obj, "Image",
		str_is_empty(record->image_name) ? record->image : record->image_name);
	json_add_string(obj, "WorkingDir", record->working_dir);
	json_object_object_add(obj, "Volumes", NULL);
	json_object_object_add(obj, "OnBuild", NULL);
	json_object_object_add(obj, "Entrypoint", json_from_strv(record->entrypoint));
	json_object_object_add(obj, "Labels", json_from_strmap(&record->labels));
	json_object_object_add(obj, "Annotations", json_from_strmap(&record->annotations));
	json_add_string(obj, "StopSignal", record->stop_signal);
	inspect_add_health_check(obj, record);
	json_add_string(obj, "sdNotifyMode", record->sdnotify);
	json_add_int(obj, "StopTimeout", record->stop_timeout_s);
	json_add_int(obj, "Timeout", 0);
	json_add_bool(obj, "Passwd", true);
	json_add_string(obj, "Umask", umask_text);
	json_object_object_add(obj, "CreateCommand", json_from_strv(record->create_command));
	return obj;
}
