/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGISTRY_TLS_H
#define REGISTRY_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What a certs.d directory holds for one registry (containers-certs.d(5)). */
struct tls_files {
	char *authorities; /* PEM: the system's and the *.crt files; NULL: libcurl's default */
	size_t authorities_len;
	char *certificate; /* path of a *.cert file; NULL: none */
	char *key;         /* path of the *.key file beside it */
};

/*
 * tls_files_load - the files for @host ("quay.io", "localhost:5000").
 * @cert_dir: this directory only; NULL: the first that exists of certs.d/HOST in the user's
 *            containers directory, /etc/containers and /etc/docker
 * Returns 0; -EINVAL for a certificate without key; -ENOENT for a @cert_dir that is not there.
 */
int tls_files_load(
	const char *cert_dir, const char *host, struct tls_files *ret, struct error *err);
void tls_files_release(struct tls_files *files);

#endif
