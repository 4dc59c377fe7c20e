/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "registry/internal.h"
#include "registry/range.h"

/*
 * Several blobs at once on one curl multi handle. Each transfer knows how far it got, so that a
 * try that breaks is followed by one that asks for the rest. A transfer that got on since it
 * last failed has its tries back.
 */
#define PROGRESS_THAT_COUNTS (1024 * 1024)
#define POLL_MS 200

enum transfer_state { TRANSFER_NEW = 0, TRANSFER_WAITING, TRANSFER_RUNNING, TRANSFER_DONE };

struct transfer {
	struct download *download;
	const struct registry_blob *blob;
	enum transfer_state state;
	struct exchange exchange;
	struct attempt attempt;
	char *path;
	struct hasher *hasher; /* NULL: the caller verifies */
	uint64_t position;     /* bytes of the blob that the caller has */
	uint64_t skip;         /* bytes of this reply that it has already */
	uint64_t last_failure; /* position at that time */
	bool reply_checked;
	bool no_range; /* the server does not do ranges properly */
	int failure;   /* negative errno that ends the download; @words say why */
	struct error words;
	int64_t start_ns; /* WAITING: when to go on */
};

struct download {
	struct registry *registry;
	struct transfer *transfers;
	size_t count;
	unsigned parallel;
	registry_progress progress;
	void *progress_data;
};

static int transfer_fail(struct transfer *transfer, int code, const char *words)
{
	transfer->failure = error_set(&transfer->words, code, "%s", words);
	return transfer->failure;
}

static int report_progress(struct transfer *transfer)
{
	struct download *download = transfer->download;
	int r;

	if (!download->progress)
		return 0;
	r = download->progress(download->progress_data, (size_t)(transfer - download->transfers),
		transfer->position);
	if (r < 0)
		transfer->failure = error_sys(&transfer->words, -r, "cancelled");
	return r;
}

/* The reply begins: does it continue where we are? */
static int check_reply(struct transfer *transfer)
{
	struct exchange *exchange = &transfer->exchange;
	uint64_t size = transfer->blob->size;
	curl_off_t length = -1;

	transfer->reply_checked = true;
	if (exchange_status(exchange) == 206) {
		struct content_range range;

		if (content_range_parse(exchange->content_range, &range) == 0 &&
			range.first == transfer->position &&
			(!range.has_total || range.total == size))
			return 0;
		transfer->no_range = true;
		return -EPROTO;
	}
	curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (length >= 0 && (uint64_t)length != size) {
		autofree char *words = xasprintf(
			"size mismatch: the manifest says %llu bytes, the registry has %lld",
			(unsigned long long)size, (long long)length);

		return transfer_fail(transfer, EBADMSG, words);
	}
	/* The whole blob, though we asked for the rest. */
	transfer->skip = transfer->position;
	return 0;
}

static int on_bytes(void *data, struct exchange *exchange, const char *bytes, size_t len)
{
	struct transfer *transfer = data;
	int r = transfer->reply_checked ? 0 : check_reply(transfer);

	(void)exchange;
	if (r < 0)
		return r;
	if (transfer->skip) {
		size_t skipped = transfer->skip < len ? (size_t)transfer->skip : len;

		transfer->skip -= skipped;
		bytes += skipped;
		len -= skipped;
	}
	if (len == 0)
		return 0;
	if (len > transfer->blob->size - transfer->position)
		return transfer_fail(
			transfer, EBADMSG, "size mismatch: more bytes than the manifest says");
	if (transfer->hasher)
		hasher_update(transfer->hasher, bytes, len);
	r = transfer->blob->write(transfer->blob->data, bytes, len);
	if (r < 0) {
		transfer->failure = error_sys(&transfer->words, -r, "write");
		return r;
	}
	transfer->position += len;
	return report_progress(transfer);
}

static int transfer_start(struct transfer *transfer)
{
	struct registry *registry = transfer->download->registry;
	struct exchange *exchange = &transfer->exchange;

	transfer->reply_checked = false;
	transfer->skip = 0;
	attempt_prepare(&transfer->attempt, exchange, registry);
	exchange->sink = on_bytes;
	exchange->sink_data = transfer;
	if (transfer->position && !transfer->no_range) {
		autofree char *range =
			xasprintf("bytes=%llu-", (unsigned long long)transfer->position);

		exchange_add_header(exchange, "Range", range);
	}
	curl_easy_setopt(exchange->easy, CURLOPT_PRIVATE, transfer);
	if (curl_multi_add_handle(registry->multi, exchange->easy) != CURLM_OK)
		return transfer_fail(transfer, EIO, "libcurl cannot start the transfer");
	transfer->state = TRANSFER_RUNNING;
	return 0;
}

/* The last byte is there. */
static int transfer_complete(struct transfer *transfer)
{
	const struct registry_blob *blob = transfer->blob;
	int r;

	if (transfer->hasher) {
		autofree char *digest = hasher_finish(transfer->hasher);

		if (!str_eq(digest, blob->digest))
			return transfer_fail(transfer, EBADMSG,
				"digest mismatch: the registry sent other content");
	}
	transfer->state = TRANSFER_DONE;
	r = blob->done ? blob->done(blob->data) : 0;
	if (r < 0)
		transfer->failure = error_sys(&transfer->words, -r, "finish");
	return r;
}

/* A new transfer needs no request when there is nothing (left) to fetch. */
static int transfer_begin(struct transfer *transfer)
{
	const struct registry_blob *blob = transfer->blob;

	exchange_init(&transfer->exchange);
	transfer->path = xasprintf(
		"/v2/%s/blobs/%s", transfer->download->registry->repository, blob->digest);
	transfer->attempt = (struct attempt){.path = transfer->path,
		.what = blob->digest,
		.unknown = "blob unknown to registry"};
	transfer->position = transfer->last_failure = blob->offset;
	if (!blob->caller_verifies && blob->offset == 0)
		transfer->hasher = hasher_new(blob->digest);
	if (transfer->position == blob->size)
		return transfer_complete(transfer);
	return transfer_start(transfer);
}

static int schedule(struct transfer *transfer)
{
	transfer->state = TRANSFER_WAITING;
	transfer->start_ns = clock_monotonic_ns() + transfer->attempt.wait_ns;
	return 0;
}

/* Ended too soon, or in a way that ranges explain: once more, while there are tries. */
static int transfer_resume(struct transfer *transfer)
{
	if (attempt_retry(
		    &transfer->attempt, transfer->download->registry, &transfer->exchange, 1)) {
		log_debug("%s: resuming at byte %llu", transfer->blob->digest,
			(unsigned long long)transfer->position);
		return schedule(transfer);
	}
	return transfer_fail(
		transfer, EBADMSG, "size mismatch: fewer bytes than the manifest says");
}

/* A try has ended. 0, or a failure that ends the download. */
static int transfer_ended(struct transfer *transfer, CURLcode code)
{
	struct exchange *exchange = &transfer->exchange;
	struct attempt *attempt = &transfer->attempt;
	int r;

	if (transfer->failure)
		return transfer->failure;
	if (transfer->position - transfer->last_failure >= PROGRESS_THAT_COUNTS)
		attempt->failures = attempt->challenged = 0;
	transfer->last_failure = transfer->position;
	if (transfer->position == transfer->blob->size)
		return transfer_complete(transfer);
	if (exchange->sink_failed)
		return transfer_resume(transfer);
	if (code == CURLE_OK && exchange_status(exchange) == 416 && !transfer->no_range) {
		transfer->no_range = true;
		return transfer_resume(transfer);
	}
	r = attempt_judge(attempt, exchange, transfer->download->registry, code, &transfer->words);
	if (r < 0) {
		transfer->failure = r;
		return r;
	}
	return r == VERDICT_AGAIN ? schedule(transfer) : transfer_resume(transfer);
}

/* Returns how many tries ended; negative when one ended the download. */
static int handle_ended(struct download *download)
{
	CURLM *multi = download->registry->multi;
	CURLMsg *message;
	int left, ended = 0;

	while ((message = curl_multi_info_read(multi, &left))) {
		struct transfer *transfer = NULL;
		CURLcode code = message->data.result;
		int r;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		/* @message is gone after this. */
		curl_multi_remove_handle(multi, message->easy_handle);
		transfer->state = TRANSFER_WAITING;
		r = transfer_ended(transfer, code);
		if (r < 0)
			return r;
		ended++;
	}
	return ended;
}

/* Starts what may run now. Returns how many are under way; negative when one failed. */
static int start_transfers(struct download *download, int64_t *ret_next_ns)
{
	int64_t now = clock_monotonic_ns();
	unsigned active = 0;

	*ret_next_ns = now + POLL_MS * 1000000LL;
	for (size_t i = 0; i < download->count; i++)
		active += download->transfers[i].state == TRANSFER_RUNNING ||
			  download->transfers[i].state == TRANSFER_WAITING;
	for (size_t i = 0; i < download->count; i++) {
		struct transfer *transfer = &download->transfers[i];
		int r = 0;

		if (transfer->state == TRANSFER_NEW && active < download->parallel) {
			r = transfer_begin(transfer);
			active += transfer->state == TRANSFER_RUNNING;
		} else if (transfer->state == TRANSFER_WAITING && transfer->start_ns <= now) {
			r = transfer_start(transfer);
		} else if (transfer->state == TRANSFER_WAITING &&
			   transfer->start_ns < *ret_next_ns) {
			*ret_next_ns = transfer->start_ns;
		}
		if (r < 0)
			return r;
	}
	return (int)active;
}

/* Callers draw clocks and look for signals even while nothing arrives. */
static int idle_progress(struct download *download)
{
	for (size_t i = 0; i < download->count; i++)
		if (download->transfers[i].state == TRANSFER_RUNNING)
			return report_progress(&download->transfers[i]);
	return 0;
}

static int download_run(struct download *download)
{
	CURLM *multi = download->registry->multi;
	int r = 0;

	while (r >= 0) {
		int64_t next_ns, wait_ms;
		int running;
		int active = start_transfers(download, &next_ns);

		if (active <= 0)
			return active;
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return -EIO;
		r = handle_ended(download);
		/* What ended may go on at once, or has left its place to another. */
		if (r != 0)
			continue;
		wait_ms = (next_ns - clock_monotonic_ns()) / 1000000 + 1;
		if (wait_ms > 0 && curl_multi_poll(multi, NULL, 0, (int)wait_ms, NULL) != CURLM_OK)
			return -EIO;
		r = idle_progress(download);
	}
	return r;
}

static void transfer_release(struct transfer *transfer)
{
	if (transfer->state == TRANSFER_RUNNING)
		curl_multi_remove_handle(
			transfer->download->registry->multi, transfer->exchange.easy);
	if (transfer->exchange.easy)
		exchange_release(&transfer->exchange);
	attempt_release(&transfer->attempt);
	free(transfer->path);
	hasher_free(transfer->hasher);
}

/* Words of the transfer that ended it all. */
static int download_error(const struct download *download, int result, struct error *err)
{
	for (size_t i = 0; i < download->count; i++) {
		const struct transfer *transfer = &download->transfers[i];

		if (transfer->failure)
			return error_set(err, -transfer->failure, "reading blob %s: %s",
				transfer->blob->digest, error_text(&transfer->words));
	}
	return error_set(err, -result, "libcurl failed");
}

static int check_blobs(const struct registry_blob *blobs, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!digest_is_valid(blobs[i].digest))
			return error_set(err, EINVAL, "malformed digest of a blob");
		if (blobs[i].offset > blobs[i].size)
			return error_set(
				err, EINVAL, "blob %s: offset beyond its end", blobs[i].digest);
	}
	return 0;
}

int registry_get_blobs(struct registry *registry, const struct registry_blob *blobs, size_t count,
	unsigned parallel, registry_progress progress, void *progress_data, struct error *err)
{
	struct download download = {.registry = registry,
		.count = count,
		.parallel = parallel ? parallel : 1,
		.progress = progress,
		.progress_data = progress_data};
	int r = check_blobs(blobs, count, err);

	if (r < 0 || count == 0)
		return r;
	download.transfers = xcalloc(count, sizeof(*download.transfers));
	for (size_t i = 0; i < count; i++) {
		download.transfers[i].download = &download;
		download.transfers[i].blob = &blobs[i];
	}
	r = download_run(&download);
	if (r < 0)
		r = download_error(&download, r, err);
	for (size_t i = 0; i < count; i++)
		transfer_release(&download.transfers[i]);
	free(download.transfers);
	return r;
}
