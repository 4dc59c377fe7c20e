/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor for programs that have too much in memory, or too many threads, to fork it. */
#include "monitor/main.h"
#include "base/log.h"
#include "sys/program-file.h"

int main(int argc, char **argv)
{
	struct error err = {0};

	(void)argc;
	if (program_file_protect(argv, &err) < 0)
		log_warn("%s", error_text(&err));
	return monitor_main(argv);
}
