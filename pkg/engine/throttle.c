/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/throttle.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const char *const option_names[THROTTLE_KINDS] = {
	[THROTTLE_READ_BPS] = "--device-read-bps",
	[THROTTLE_WRITE_BPS] = "--device-write-bps",
	[THROTTLE_READ_IOPS] = "--device-read-iops",
	[THROTTLE_WRITE_IOPS] = "--device-write-iops",
};

void throttle_list_release(struct throttle_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
	*list = (struct throttle_list){0};
}

int throttle_parse(
	enum throttle_kind kind, const char *text, struct throttle *ret, struct error *err)
{
	bool is_bytes = kind == THROTTLE_READ_BPS || kind == THROTTLE_WRITE_BPS;
	const char *colon = strrchr(text, ':');
	uint64_t rate;

	if (!colon || *text != '/')
		return error_set(err, EINVAL, "%s \"%s\" is not like /dev/sda:RATE",
			option_names[kind], text);
	if ((is_bytes ? str_to_size(colon + 1, &rate) : str_to_u64(colon + 1, 10, &rate)) < 0 ||
		rate == 0)
		return error_set(err, EINVAL, "%s \"%s\": \"%s\" is not a rate", option_names[kind],
			text, colon + 1);
	ret->kind = kind;
	ret->path = xstrndup(text, (size_t)(colon - text));
	ret->rate = rate;
	return 0;
}

static int find_device(struct throttle *item, struct error *err)
{
	struct stat st;

	assert(item->path);
	if (stat(item->path, &st) < 0)
		return error_sys(err, errno, "%s %s", option_names[item->kind], item->path);
	if (!S_ISBLK(st.st_mode))
		return error_set(err, EINVAL, "%s %s: not a block device", option_names[item->kind],
			item->path);
	item->major = major(st.st_rdev);
	item->minor = minor(st.st_rdev);
	return 0;
}

int throttle_list_find(
	const struct run_limits *limits, struct throttle_list *ret, struct error *err)
{
	char *const *texts[THROTTLE_KINDS] = {limits->device_read_bps, limits->device_write_bps,
		limits->device_read_iops, limits->device_write_iops};
	int r = 0;

	for (int kind = 0; kind < THROTTLE_KINDS; kind++) {
		for (size_t i = 0; r == 0 && texts[kind] && texts[kind][i]; i++) {
			struct throttle item = {0};

			r = throttle_parse((enum throttle_kind)kind, texts[kind][i], &item, err);
			if (r < 0)
				return r;
			ret->items = list_grow(ret->items, ret->count, sizeof(item));
			ret->items[ret->count++] = item;
			r = find_device(&ret->items[ret->count - 1], err);
		}
	}
	return r;
}

void throttle_list_apply(const struct throttle_list *list, struct spec_block_io *io)
{
	const struct {
		struct spec_throttle_device **items;
		size_t *count;
	} lists[THROTTLE_KINDS] = {
		[THROTTLE_READ_BPS] = {&io->read_bps, &io->read_bps_count},
		[THROTTLE_WRITE_BPS] = {&io->write_bps, &io->write_bps_count},
		[THROTTLE_READ_IOPS] = {&io->read_iops, &io->read_iops_count},
		[THROTTLE_WRITE_IOPS] = {&io->write_iops, &io->write_iops_count},
	};

	for (size_t i = 0; i < list->count; i++) {
		const struct throttle *item = &list->items[i];
		struct spec_throttle_device **items = lists[item->kind].items;
		size_t *count = lists[item->kind].count;

		*items = list_grow(*items, *count, sizeof(**items));
		(*items)[(*count)++] = (struct spec_throttle_device){
			.major = item->major, .minor = item->minor, .rate = item->rate};
	}
}
