/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLIRP_STACK_H
#define SLIRP_STACK_H

#include "config.h"

/* struct stack - libslirp between the tap and sockets of the host. */
struct stack;

/*
 * stack_new - make the TCP/IP stack and the forwarded ports.
 * @ipv6: whether to speak it
 * Returns 0; -EADDRINUSE and others with the port in the text.
 */
int stack_new(const struct slirp_config *config, bool ipv6, struct stack **ret, struct error *err);

/* Moves packets until the process of @pidfd (-1: none) ends or the tap is gone. Both borrowed. */
void stack_run(struct stack *stack, int tapfd, int pidfd);

void stack_free(struct stack *stack);
DEFINE_AUTO(struct stack *, stack_free);

#endif
