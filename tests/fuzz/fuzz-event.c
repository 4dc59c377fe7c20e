/* SPDX-License-Identifier: Apache-2.0 */
/* A log of events that anything of the same user may have written to. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "events/event-filter.h"
#include "events/event-log.h"
#include "events/event-reader.h"
#include "sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz-event-XXXXXX";

static void remove_folder(void)
{
	dir_remove_all_at(AT_FDCWD, folder, NULL);
}

/* One for all inputs, each a new file for it: taking a watch away costs milliseconds. */
static struct event_reader *open_reader(int *ret_dirfd)
{
	static struct event_reader *reader;
	static int dirfd;

	if (!reader) {
		log_set_level(LOG_LEVEL_ERROR);
		if (!mkdtemp(folder) || atexit(remove_folder) != 0)
			abort();
		dirfd = dir_open_at(AT_FDCWD, folder, NULL);
		if (dirfd < 0 || event_reader_open(dirfd, false, &reader, NULL) < 0)
			abort();
	}
	*ret_dirfd = dirfd;
	return reader;
}

/* What was read can be written, and is the same event then. */
static void try_again(const struct event_record *record)
{
	AUTO(event_record_release) struct event_record again = {0};
	AUTO(strbuf_release) struct strbuf line = STRBUF_INIT;
	const struct event event = {.time_ns = record->time_ns,
		.id = record->id,
		.name = record->name,
		.exit_code = record->exit_code,
		.attributes = &record->attributes};

	event_add_line(&event, &line);
	if (line.len > EVENT_MAX_LINE ||
		memchr(line.data, '\n', line.len) != line.data + line.len - 1)
		abort();
	if (event_parse(line.data, line.len - 1, &again, NULL) < 0)
		abort();
	if (record->time_ns && again.time_ns != record->time_ns)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char filter[] = "label=a=b", type[] = "image=x";
	char *const filters[] = {filter, type, NULL};
	int dirfd;
	struct event_reader *reader = open_reader(&dirfd);
	int r;

	if (file_write_at(dirfd, "events.log", data, size, 0600, 0, NULL) < 0)
		abort();
	do {
		AUTO(event_record_release) struct event_record record = {0};

		r = event_reader_next(reader, &record, NULL);
		if (r <= 0)
			break;
		event_filter_matches(filters, &record);
		try_again(&record);
	} while (r > 0);
	if (r < 0)
		abort();
	return 0;
}
