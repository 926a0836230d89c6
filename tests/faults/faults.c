/* Faults of a process that are told while it runs: loaded in front of the C library.
 *
 * The file that FAULTS names is read at every call. A line in it is one of
 *   write NUMBER ERRNO COUNT PART   COUNT writes (-1: all) to files whose path holds PART fail with ERRNO
 *   read NUMBER ERRNO COUNT PART    the same of reads
 *   clock SECONDS                   the wall clock stands so far ahead
 *   sync LEAST MOST                 a sync takes so many milliseconds, in turn
 * A line with a new NUMBER counts anew.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct failing {
    long number, error, count;
    char part[256];
};

struct told {
    struct failing write, read;
    long clock, least, most;
};

struct counted {
    long number, left;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct counted writes = {-1, 0}, reads = {-1, 0};
static long turn = 0;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static struct told read_told(void) {
    struct told told = {0};
    const char *path = getenv("FAULTS");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return told;
    char text[1024];
    ssize_t length = ((ssize_t(*)(int, void *, size_t))real("read"))(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return told;
    text[length] = 0;
    char *kept = NULL;
    for (char *line = strtok_r(text, "\n", &kept); line; line = strtok_r(NULL, "\n", &kept)) {
        sscanf(line, "write %ld %ld %ld %255s", &told.write.number, &told.write.error, &told.write.count, told.write.part);
        sscanf(line, "read %ld %ld %ld %255s", &told.read.number, &told.read.error, &told.read.count, told.read.part);
        sscanf(line, "clock %ld", &told.clock);
        sscanf(line, "sync %ld %ld", &told.least, &told.most);
    }
    return told;
}

/* The error that a call on this file meets; 0 for none. */
static int failure(int file, const struct failing *told, struct counted *counted) {
    int error = 0;
    char link[64], path[4096];
    if (!told->part[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (!strstr(path, told->part)) return 0;
    pthread_mutex_lock(&lock);
    if (counted->number != told->number) {
        counted->number = told->number;
        counted->left = told->count;
    }
    if (counted->left != 0) {
        if (counted->left > 0) counted->left--;
        error = (int)told->error;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static int write_failure(int file) {
    int saved = errno;
    struct told told = read_told();
    int error = failure(file, &told.write, &writes);
    errno = saved;
    return error;
}

static int read_failure(int file) {
    int saved = errno;
    struct told told = read_told();
    int error = failure(file, &told.read, &reads);
    errno = saved;
    return error;
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    int error = read_failure(file);
    if (error) { errno = error; return -1; }
    return ((ssize_t(*)(int, void *, size_t, off64_t))real("pread64"))(file, bytes, count, offset);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    int error = read_failure(file);
    if (error) { errno = error; return -1; }
    return ((ssize_t(*)(int, void *, size_t, off_t))real("pread"))(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    int error = write_failure(file);
    if (error) { errno = error; return -1; }
    return ((ssize_t(*)(int, const void *, size_t, off64_t))real("pwrite64"))(file, bytes, count, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    int error = write_failure(file);
    if (error) { errno = error; return -1; }
    return ((ssize_t(*)(int, const void *, size_t, off_t))real("pwrite"))(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count) {
    int error = write_failure(file);
    if (error) { errno = error; return -1; }
    return ((ssize_t(*)(int, const void *, size_t))real("write"))(file, bytes, count);
}

static void wait_as_told(void) {
    struct told told = read_told();
    if (told.most <= 0) return;
    pthread_mutex_lock(&lock);
    long share = turn++ % 10;
    pthread_mutex_unlock(&lock);
    long milliseconds = told.least + (told.most - told.least) * share / 9;
    struct timespec left = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
    while (nanosleep(&left, &left) != 0) {
    }
}

int fdatasync(int file) {
    wait_as_told();
    return ((int (*)(int))real("fdatasync"))(file);
}

int fsync(int file) {
    wait_as_told();
    return ((int (*)(int))real("fsync"))(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int answer = ((int (*)(clockid_t, struct timespec *))real("clock_gettime"))(clock, time);
    if (answer == 0 && clock == CLOCK_REALTIME) time->tv_sec += read_told().clock;
    return answer;
}
