/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the real launcher and speaks the protocol to it, well and badly. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "stage.h"

int run_serving(void);
int run_mounting(void);
int run_writing(void);
int run_writing_refused(void);
int run_forgetting(void);
int run_refusing(void);
int run_allowing(void);
int run_becoming(void);
int run_server(void);
int run_activating(void);
int run_living(void);
int run_crowded(void);
int run_lean(void);
int run_programs(void);
int run_streaming(void);
int run_limits(void);
int run_deaths(void);

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: endtoend LAUNCHER [PATTERN]\n");
        return 2;
    }
    if (argc == 3)
        cmocka_set_test_filter(argv[2]);
    launcher_path = argv[1];
    sanitized = strstr(launcher_path, "asan") != NULL;
    /* Orphans come to this process, so that a dead one does not stay a zombie where nobody reaps. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
    return run_serving() + run_mounting() + run_writing() + run_writing_refused() + run_forgetting() +
           run_refusing() + run_allowing() + run_becoming() + run_server() + run_activating() + run_living() +
           run_crowded() + run_lean() + run_programs() + run_streaming() + run_limits() + run_deaths();
}
