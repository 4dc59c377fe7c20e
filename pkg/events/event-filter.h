/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVENTS_EVENT_FILTER_H
#define EVENTS_EVENT_FILTER_H

#include <stdbool.h>

#include "events/event.h"

/*
 * KEY=VALUE, as podman has them: container, image, network, pod and volume choose events of that
 * type by name or by the beginning of an id, event by status, label (KEY or KEY=VALUE) by an
 * attribute, type by type. Keys may be in capitals. docker's words for three statuses (die,
 * destroy, delete) are understood.
 */

/* event_filter_check - 0; -EINVAL for what is no filter. @filters: strv */
int event_filter_check(char *const *filters, struct error *err);

/* Does an event match one of the values of each key? @filters have been checked; NULL: it does. */
bool event_filter_matches(char *const *filters, const struct event_record *event);

#endif
