/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor for programs that have too much in memory, or too many threads, to fork it. */
#include "monitor/main.h"

int main(int argc, char **argv)
{
	(void)argc;
	return monitor_main(argv);
}
