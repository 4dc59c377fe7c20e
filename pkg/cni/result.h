/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CNI_RESULT_H
#define CNI_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

#define CNI_VERSION "1.1.0"
/* A plugin's answer is at most this large. */
#define CNI_MAX_RESULT_BYTES (1U << 20)

/* CNI spec 1.1, section 5, "Success". */
struct cni_interface {
	char *name;
	char *mac;
	uint32_t mtu;
	char *sandbox; /* namespace path; NULL: on the host */
	char *socket_path;
	char *pci_id;
};

struct cni_ip {
	char *address; /* CIDR */
	char *gateway;
	bool has_interface;
	uint32_t interface; /* index into interfaces */
};

struct cni_route {
	char *dst; /* CIDR */
	char *gw;
	uint32_t mtu, advmss, priority, table;
	bool has_scope;
	uint32_t scope;
};

struct cni_dns {
	char **nameservers;
	char *domain;
	char **search;
	char **options;
};

struct cni_result {
	char *version; /* "cniVersion" */
	struct cni_interface *interfaces;
	size_t interface_count;
	struct cni_ip *ips;
	size_t ip_count;
	struct cni_route *routes;
	size_t route_count;
	struct cni_dns dns;
};
extern const struct json_field cni_result_fields[];
extern const struct json_field cni_dns_fields[];
extern const struct json_field cni_route_fields[];

/*
 * cni_result_parse - what a plugin wrote on standard output after ADD.
 * Addresses, gateways, routes and interface indices are checked.
 * Returns 0; -EBADMSG. On failure @ret is as before.
 */
int cni_result_parse(const char *text, size_t len, struct cni_result *ret, struct error *err);

/* Adds an empty item and returns it; borrowed until the next call. */
struct cni_interface *cni_result_add_interface(struct cni_result *result);
struct cni_ip *cni_result_add_ip(struct cni_result *result);
struct cni_route *cni_result_add_route(struct cni_result *result);

void cni_result_release(struct cni_result *result);
static inline void auto_cni_result_release(struct cni_result *result)
{
	cni_result_release(result);
}

/* Address text without and with a prefix length ("10.1.0.5/16"). */
bool cni_is_address(const char *text);
bool cni_is_cidr(const char *text);

#endif
