// Prints CLOCK_MONOTONIC in nanoseconds and ends: what comes after that, until its parent knows, no
// program can see of itself.
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    struct timespec t;
    char text[32];
    clock_gettime(CLOCK_MONOTONIC, &t);
    const int length = snprintf(text, sizeof text, "%lld\n", t.tv_sec * 1000000000LL + t.tv_nsec);
    return write(1, text, length) == length ? 0 : 1;
}
