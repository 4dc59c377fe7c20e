/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_INSPECT_H
#define ENGINE_INSPECT_H

#include "engine/internal.h"
#include "network/port.h"

/*
 * The parts of what inspect prints, each a new object. Field names and shapes are podman's and
 * docker's: scripts read them.
 */
struct spec;
struct spec_resources;

struct json_object *inspect_network(const struct container *ctr); /* NetworkSettings */
struct json_object *inspect_config(
	const struct container_record *record, const struct spec *spec); /* Config */
struct json_object *inspect_host_config(
	const struct container *ctr, const struct spec *spec); /* HostConfig */
struct json_object *inspect_mounts(
	const struct container_record *record, const struct spec *spec); /* Mounts */
struct json_object *inspect_binds(
	const struct container_record *record, const struct spec *spec); /* HostConfig.Binds */
struct json_object *inspect_tmpfs(const struct spec *spec);              /* HostConfig.Tmpfs */

/* {"80/tcp":[{"HostIp","HostPort"}]}, null for ports that are only exposed. */
struct json_object *inspect_ports(const struct port_list *ports, char *const *exposed);
/* Limits and cgroup, as members of HostConfig. */
void inspect_add_resources(struct json_object *obj, const struct container_record *record,
	const struct spec_resources *resources);

#endif
