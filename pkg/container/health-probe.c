/* SPDX-License-Identifier: Apache-2.0 */
#include "container/health-probe.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"

#define EXIT_CODE_OVERDUE (-1)
#define EXIT_CODE_FAILED 1 /* what cannot be run has failed */

void health_probe_begin(struct health_probe *probe, int fd)
{
	*probe = (struct health_probe){
		.fd = fd,
		.output = xmalloc(HEALTH_OUTPUT_BYTES),
		.start_ns = clock_now_ns(),
		.exit_code = EXIT_CODE_FAILED,
	};
}

static void take_output(struct health_probe *probe, const char *data, size_t len)
{
	size_t room = HEALTH_OUTPUT_BYTES - probe->output_len;

	len = len < room ? len : room;
	memcpy(probe->output + probe->output_len, data, len);
	probe->output_len += len;
}

static void handle_frame(struct health_probe *probe, const struct attach_frame *frame)
{
	uint32_t code;

	switch (frame->type) {
	case ATTACH_STDOUT:
	case ATTACH_STDERR:
		take_output(probe, frame->data, frame->len);
		break;
	case ATTACH_EXIT:
		if (attach_get_u32(frame, &code) == 0)
			probe->exit_code = (int)code;
		break;
	case ATTACH_ERROR:
		if (attach_get_u32(frame, &code) == 0)
			take_output(probe, frame->data + sizeof(code), frame->len - sizeof(code));
		break;
	default:
		break;
	}
}

int health_probe_read(struct health_probe *probe)
{
	struct attach_frame frame;
	int filled = attach_reader_fill(&probe->reader, probe->fd), r;

	if (filled == -EAGAIN)
		return 0;
	if (filled <= 0)
		return 1;
	while ((r = attach_reader_next(&probe->reader, &frame)) > 0)
		handle_frame(probe, &frame);
	return r < 0;
}

void health_probe_kill(struct health_probe *probe)
{
	struct attach_writer writer = {0};
	const unsigned char sig = SIGKILL;

	probe->is_overdue = true;
	attach_writer_add(&writer, ATTACH_SIGNAL, &sig, 1);
	attach_writer_flush(&writer, probe->fd);
	attach_writer_release(&writer);
}

void health_probe_finish(struct health_probe *probe, struct health_result *ret)
{
	*ret = (struct health_result){
		.start_ns = probe->start_ns,
		.end_ns = clock_now_ns(),
		.exit_code = probe->is_overdue ? EXIT_CODE_OVERDUE : probe->exit_code,
		.output = health_output(probe->output, probe->output_len),
	};
	health_probe_release(probe);
}

void health_probe_release(struct health_probe *probe)
{
	close_fd(&probe->fd);
	attach_reader_release(&probe->reader);
	free(probe->output);
	*probe = (struct health_probe){.fd = -1};
}
