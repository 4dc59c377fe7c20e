/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_PORT_H
#define NETWORK_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

/* More published ports than this in one container are a mistake. */
#define PORT_MAX_MAPPINGS 65535

/*
 * struct port_mapping - one port of the container published on the host.
 * Encodes as an item of the CNI "portMappings" capability (CONVENTIONS.md).
 */
struct port_mapping {
	char *host_ip;           /* without brackets; NULL: all addresses */
	uint32_t host_port;      /* 0: any free port, see port_list_assign() */
	uint32_t container_port; /* 1..65535 */
	char *protocol;          /* "tcp", "udp" or "sctp"; never NULL once parsed */
};
extern const struct json_field port_mapping_fields[];

/* struct port_list - published ports in the order given. Zeroed is empty. */
struct port_list {
	struct port_mapping *items;
	size_t count;
};
extern const struct json_field port_list_fields[]; /* {"portMappings":[…]} */

/*
 * port_parse - add what one --publish asks for:
 * [[ip:][hostPort[-end]]:]containerPort[-end][/tcp|udp|sctp], IPv6 in brackets.
 * Ranges must be of equal length and map one by one. No host port means 0.
 * On failure @list is as before. Returns 0; -EINVAL with a text that quotes @text.
 */
int port_parse(const char *text, struct port_list *list, struct error *err);

/* "80", "80/udp", "80-90/tcp" of EXPOSE and --expose: adds mappings with host port 0. */
int port_parse_exposed(const char *text, struct port_list *list, struct error *err);

/* Refuses two mappings of the same host address, port and protocol. 0; -EINVAL. */
int port_list_check(const struct port_list *list, struct error *err);

/* Replaces host port 0 by ports that are free on the host now. 0; negative errno. */
int port_list_assign(struct port_list *list, struct error *err);

void port_list_copy(struct port_list *to, const struct port_list *from);
void port_list_release(struct port_list *list);
static inline void auto_port_list_release(struct port_list *list)
{
	port_list_release(list);
}

/* "0.0.0.0:8080->80/tcp", as ps prints it; owned by the caller. */
char *port_format(const struct port_mapping *port);

#endif
