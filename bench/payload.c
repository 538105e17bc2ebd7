// What the measured containers run: `true` ends at once, `sleep` waits for a signal.

#include <string.h>
#include <unistd.h>

int main(int argc, char** argv) {
    const char* name = argc > 0 ? strrchr(argv[0], '/') : NULL;
    while (name != NULL && strcmp(name, "/sleep") == 0) pause();
    return 0;
}
