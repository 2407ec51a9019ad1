/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program that answers. */
#include <stdio.h>

int main(void)
{
    puts("Content-Type: text/plain\n\nhello, world");
    return 0;
}
