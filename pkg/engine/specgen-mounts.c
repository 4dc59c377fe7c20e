/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "engine/etc-files.h"
#include "engine/mount-arg.h"
#include "engine/specgen.h"
#include "network/choice.h"
#include "network/host-netns.h"
#include "spec/defaults.h"

/* What slirp's gateway and resolver are unless the network says otherwise (network/default.c). */
#define SLIRP_GATEWAY "10.0.2.2"
#define SLIRP_RESOLVER "10.0.2.3"
#define SLIRP_ADDRESS "10.0.2.100"
#define VOLUME_NAME_BYTES 32

static const struct container_mount *find_mount(
	const struct container_record *record, const char *destination)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		if (str_eq(record->mounts[i].destination, destination))
			return &record->mounts[i];
	}
	return NULL;
}

/* Takes @mount over. */
static int add_mount(
	struct container_record *record, struct container_mount *mount, struct error *err)
{
	if (find_mount(record, mount->destination)) {
		int r = error_set(
			err, EINVAL, "%s: duplicate mount destination", mount->destination);

		container_mount_release(mount);
		return r;
	}
	record->mounts = list_grow(record->mounts, record->mount_count, sizeof(*record->mounts));
	record->mounts[record->mount_count++] = *mount;
	return 0;
}

static int parse_mounts(
	const struct specgen_input *in, struct container_record *record, struct error *err)
{
	const struct run_request *req = in->request;
	struct container_mount mount;
	int r = 0;

	for (size_t i = 0; r == 0 && req->volumes && req->volumes[i]; i++) {
		r = mount_arg_parse_volume(req->volumes[i], in->cwd, in->home, &mount, err);
		if (r == 0)
			r = add_mount(record, &mount, err);
	}
	for (size_t i = 0; r == 0 && req->mounts && req->mounts[i]; i++) {
		r = mount_arg_parse_mount(req->mounts[i], in->cwd, &mount, err);
		if (r == 0)
			r = add_mount(record, &mount, err);
	}
	for (size_t i = 0; r == 0 && req->tmpfs && req->tmpfs[i]; i++) {
		r = mount_arg_parse_tmpfs(req->tmpfs[i], &mount, err);
		if (r == 0)
			r = add_mount(record, &mount, err);
	}
	return r;
}

/* VOLUME of the image, where the user has not put something else. */
static int add_image_volumes(
	const struct specgen_input *in, struct container_record *record, struct error *err)
{
	char *const *paths = in->config->config.volumes;
	int r = 0;

	for (size_t i = 0; r == 0 && paths && paths[i]; i++) {
		struct container_mount mount;

		if (find_mount(record, paths[i]))
			continue;
		r = mount_arg_parse_volume(paths[i], in->cwd, in->home, &mount, err);
		if (r < 0)
			return error_wrap(err, r, "volume of the image");
		r = add_mount(record, &mount, err);
	}
	return r;
}

static void place_volumes(const struct specgen_input *in, struct container_record *record)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		struct container_mount *mount = &record->mounts[i];

		if (!str_eq(mount->type, "volume"))
			continue;
		if (!mount->name)
			mount->name = random_hex(VOLUME_NAME_BYTES);
		free(mount->source);
		mount->source = xasprintf("%s/%s/_data", in->volumes_dir, mount->name);
	}
}

static bool has_option(char *const *options, const char *prefix)
{
	for (size_t i = 0; options && options[i]; i++) {
		if (str_after(options[i], prefix))
			return true;
	}
	return false;
}

static void add_spec_mount(struct spec *spec, const struct container_mount *mount)
{
	AUTO(strv_free) char **options = NULL;
	bool is_tmpfs = str_eq(mount->type, "tmpfs");

	if (is_tmpfs) {
		strv_add(&options, "nosuid");
		strv_add(&options, "nodev");
		/* Copying up takes the directory's mode as well, which the user has just chosen. */
		if (!has_option(mount->options, "notmpcopyup") && !has_option(mount->options, "mode="))
			strv_add(&options, "tmpcopyup");
	} else if (!strv_has(mount->options, "bind")) {
		strv_add(&options, "rbind");
	}
	for (size_t i = 0; mount->options && mount->options[i]; i++) {
		if (!str_eq(mount->options[i], "notmpcopyup") &&
			!strv_has(options, mount->options[i]))
			strv_add(&options, mount->options[i]);
	}
	if (!is_tmpfs && !has_option(options, "rprivate") && !has_option(options, "private") &&
		!has_option(options, "rshared") && !has_option(options, "shared") &&
		!has_option(options, "rslave") && !has_option(options, "slave"))
		strv_add(&options, "rprivate");
	strv_add(&options, mount->writable ? "rw" : "ro");
	spec_add_mount(spec, mount->destination, is_tmpfs ? "tmpfs" : "bind",
		is_tmpfs ? "tmpfs" : mount->source, options);
}

/* Option O: what is written goes to the container's own directory and away with it. */
static void add_overlay(const struct specgen_input *in, struct spec *spec,
	const struct container_mount *mount, size_t index)
{
	autofree char *lower = xasprintf("lowerdir=%s", mount->source);
	autofree char *upper = xasprintf("upperdir=%s/overlays/%zu/upper", in->container_dir, index);
	autofree char *work = xasprintf("workdir=%s/overlays/%zu/work", in->container_dir, index);
	char *options[] = { lower, upper, work, (char *)"userxattr", NULL };

	spec_add_mount(spec, mount->destination, "overlay", "overlay", options);
}

static int add_user_mounts(const struct specgen_input *in, struct spec *spec,
	const struct container_record *record, struct error *err)
{
	/* Outer directories first, so that what lies deeper is not covered. */
	for (size_t depth = 1, done = 0; done < record->mount_count; depth++) {
		for (size_t i = 0; i < record->mount_count; i++) {
			const struct container_mount *mount = &record->mounts[i];
			size_t slashes = 0;

			for (const char *at = mount->destination; *at; at++)
				slashes += *at == '/';
			if (slashes != depth)
				continue;
			if (has_option(mount->options, "idmap") ||
				has_option(mount->options, "upperdir="))
				return error_set(err, ENOTSUP,
					"volume %s: options idmap and upperdir are not available",
					mount->destination);
			if (strv_has(mount->options, "O"))
				add_overlay(in, spec, mount, i);
			else
				add_spec_mount(spec, mount);
			done++;
		}
	}
	return 0;
}

/* --device HOST[:CONTAINER[:PERMISSIONS]]: without CAP_MKNOD outside, nodes are bound. */
static int add_devices(const struct specgen_input *in, struct spec *spec, struct error *err)
{
	char *const *devices = in->request->devices;

	for (size_t i = 0; devices && devices[i]; i++) {
		AUTO(strv_free) char **parts = strv_split(devices[i], ':');
		size_t count = strv_len(parts);
		const char *inside = count > 1 && *parts[1] == '/' ? parts[1] : parts[0];
		const char *access = count == 3                       ? parts[2]
				     : count == 2 && *parts[1] != '/' ? parts[1]
								      : "rwm";
		char *options[] = {(char *)"bind", (char *)"nosuid", (char *)"noexec",
			(char *)(strchr(access, 'w') ? "rw" : "ro"), NULL};

		if (count > 3 || *parts[0] != '/' || strspn(access, "rwm") != strlen(access) ||
			!*access)
			return error_set(err, EINVAL,
				"device \"%s\": must be HOST-PATH[:CONTAINER-PATH[:rwm]]",
				devices[i]);
		spec_add_mount(spec, inside, "bind", parts[0], options);
	}
	return 0;
}

/* A file of ours below /etc or /run, unless the user mounts something there. */
static void add_file(const struct specgen_input *in, struct specgen_output *out, const char *name,
	const char *destination, char *text)
{
	autofree char *source = xasprintf("%s/%s", in->run_dir, name);
	char *options[] = {(char *)"bind", (char *)"nosuid", (char *)"nodev", (char *)"rprivate",
		(char *)"rw", NULL};

	if (find_mount(out->record, destination)) {
		free(text);
		return;
	}
	strmap_set(&out->record->files, name, text);
	free(text);
	spec_add_mount(&out->spec, destination, "bind", source, options);
}

static int add_hosts(const struct specgen_input *in, struct specgen_output *out, bool is_slirp,
	struct error *err)
{
	struct etc_hosts_request hosts = {
		.base = in->host_hosts,
		.add_hosts = in->request->add_hosts,
		.gateway_ip = is_slirp ? SLIRP_GATEWAY : NULL,
		.container_ip = is_slirp ? SLIRP_ADDRESS : NULL,
		.hostname = out->record->hostname,
		.name = out->record->name,
	};
	char *text;
	int r;

	if (in->request->no_hosts)
		return 0;
	r = etc_hosts_text(&hosts, &text, err);
	if (r == 0)
		add_file(in, out, "hosts", "/etc/hosts", text);
	return r;
}

static void add_passwd(
	const struct specgen_input *in, const struct user *user, struct specgen_output *out)
{
	bool keeps = in->request->userns && str_after(in->request->userns, "keep-id");
	char *text;

	/* Root needs no introduction: what has no passwd file does not look for it. */
	if (user->name || user->uid == 0)
		return;
	text = etc_passwd_with_user(in->passwd, user->uid, user->gid, keeps ? in->host_user : NULL,
		out->record->working_dir);
	if (text)
		add_file(in, out, "passwd", "/etc/passwd", text);
}

static char *containerenv(const struct specgen_input *in, const struct container_record *record)
{
	return xasprintf(
		"engine=\"coracle\"\nname=\"%s\"\nid=\"%s\"\nimage=\"%s\"\nimageid=\"%s\"\n"
		"rootless=1\n",
		record->name, record->id, record->image, in->image_id);
}

static int add_timezone(const struct specgen_input *in, struct spec *spec, struct error *err)
{
	const char *zone = in->request->timezone;
	char *options[] = {(char *)"bind", (char *)"ro", (char *)"rprivate", NULL};
	autofree char *path = NULL;

	if (!zone)
		return 0;
	if (str_eq(zone, "local") && !in->host_timezone)
		return 0;
	if (*zone == '/' || strstr(zone, ".."))
		return error_set(err, EINVAL, "timezone \"%s\" is not the name of a zone", zone);
	path = str_eq(zone, "local") ? xstrdup(in->host_timezone)
				     : xasprintf("/usr/share/zoneinfo/%s", zone);
	spec_add_mount(spec, "/etc/localtime", "bind", path, options);
	return 0;
}

/* Bridges are behind slirp, too, where the host's network namespace is not ours. */
static bool has_slirp_resolver(const struct network_choice *choice)
{
	return choice->mode == NETWORK_MODE_SLIRP ||
	       (choice->mode == NETWORK_MODE_NAMED && host_netns_is_needed());
}

static int add_etc(const struct specgen_input *in, const struct user *user,
	struct specgen_output *out, const struct network_choice *choice, struct error *err)
{
	bool is_slirp = choice->mode == NETWORK_MODE_SLIRP;
	struct etc_resolv_request resolv = {
		.base = in->host_resolv,
		.servers = in->request->dns,
		.search = in->request->dns_search,
		.options = in->request->dns_options,
		.network_dns = has_slirp_resolver(choice) ? SLIRP_RESOLVER : NULL,
		.own_netns = network_choice_is_private(choice),
	};
	int r = add_hosts(in, out, is_slirp, err);

	if (r < 0)
		return r;
	add_file(in, out, "resolv.conf", "/etc/resolv.conf", etc_resolv_text(&resolv));
	add_file(in, out, "hostname", "/etc/hostname", xasprintf("%s\n", out->record->hostname));
	add_file(in, out, "containerenv", "/run/.containerenv", containerenv(in, out->record));
	add_passwd(in, user, out);
	return add_timezone(in, &out->spec, err);
}

static void add_read_only_tmpfs(const struct specgen_input *in, struct specgen_output *out)
{
	static const char *const paths[] = {"/run", "/tmp", "/var/tmp"};
	char *options[] = {
		(char *)"nosuid", (char *)"nodev", (char *)"tmpcopyup", (char *)"mode=1777", NULL};

	if (!in->request->read_only || !in->request->read_only_tmpfs)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!find_mount(out->record, paths[i]))
			spec_add_mount(&out->spec, paths[i], "tmpfs", "tmpfs", options);
	}
}

int specgen_mounts(const struct specgen_input *in, const struct user *user,
	struct specgen_output *out, struct error *err)
{
	AUTO(network_choice_release) struct network_choice choice = {0};
	struct idmap *nested = &out->spec.linux.gid_mappings;
	struct default_mounts defaults = {
		.shm_bytes = in->request->shm_size, .privileged = in->request->privileged};
	int r = network_choice_parse(out->record->network, &choice, err);

	if (r == 0)
		r = parse_mounts(in, out->record, err);
	if (r == 0)
		r = add_image_volumes(in, out->record, err);
	if (r < 0)
		return r;
	place_volumes(in, out->record);
	defaults.host_network = choice.mode == NETWORK_MODE_HOST;
	defaults.tty_group_mapped = idmap_size(nested->count ? nested : &in->userns->gids) > 5;
	defaults_add_mounts(&out->spec, &defaults);
	add_read_only_tmpfs(in, out);
	r = add_etc(in, user, out, &choice, err);
	if (r == 0)
		r = add_devices(in, &out->spec, err);
	return r < 0 ? r : add_user_mounts(in, &out->spec, out->record, err);
}
