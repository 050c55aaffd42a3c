/* A disk and a clock that do what they are told, between a process and its C library.
 *
 * Loaded with LD_PRELOAD. Files below $BROKEN_DISK_FOLDER are meant, and no others.
 * $BROKEN_DISK_CONTROL is a file of 64-bit numbers that the one who started the process writes to
 * at any time (broken_disk.py: FIELDS). $BROKEN_DISK_JOURNAL is where, before each change of a
 * file, goes what was there: with it, power.py takes back what was never synced, as a power cut
 * would.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4 };

/* The order is that of FIELDS in broken_disk.py. */
struct control {
    volatile int64_t clock_offset_us;
    volatile int64_t sync_delay_us;
    volatile int64_t write_delay_us;
    volatile int64_t fail_calls; /* a sum of WRITE, SYNC and TRUNCATE */
    volatile int64_t fail_errno;
    volatile int64_t fail_first;    /* how many of such calls pass before the first that fails */
    volatile int64_t fail_every;    /* and of those after it each so-manieth; 0: no other */
    volatile int64_t shorten_every; /* each so-manieth write writes half; 0: none */
    /* What the layer counts. */
    volatile int64_t matched;
    volatile int64_t writes;
    volatile int64_t syncs;
    volatile int64_t failed;
    volatile int64_t shortened;
};

/* What happened, then its path, then what was there before. The layout is that of HEAD in
 * power.py. */
struct head {
    uint32_t kind;
    uint32_t path_bytes;
    uint64_t number;
    uint64_t offset;
    uint64_t bytes;
    uint64_t size_before;
    uint64_t kept_bytes;
};
enum { CHANGED = 1, SYNCED = 2, UNLINKED = 3, RENAMED = 4 };

static struct control *control;
static int journal = -1;
static char folder[PATH_MAX];
static size_t folder_length;
static uint64_t last_number;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

typedef ssize_t (*write_t)(int, const void *, size_t);
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off_t);
typedef int (*fd_t)(int);
typedef int (*truncate_t)(int, off_t);
typedef int (*fallocate_t)(int, int, off_t, off_t);
typedef int (*path_t)(const char *);
typedef int (*paths_t)(const char *, const char *);
static write_t real_write;
static pwrite_t real_pwrite;
static fd_t real_fsync, real_fdatasync;
static truncate_t real_ftruncate;
static fallocate_t real_fallocate;
static path_t real_unlink;
static paths_t real_rename;

__attribute__((constructor)) static void load(void)
{
    real_write = (write_t)dlsym(RTLD_NEXT, "write");
    real_pwrite = (pwrite_t)dlsym(RTLD_NEXT, "pwrite");
    real_fsync = (fd_t)dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (fd_t)dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = (truncate_t)dlsym(RTLD_NEXT, "ftruncate");
    real_fallocate = (fallocate_t)dlsym(RTLD_NEXT, "fallocate");
    real_unlink = (path_t)dlsym(RTLD_NEXT, "unlink");
    real_rename = (paths_t)dlsym(RTLD_NEXT, "rename");
    const char *given = getenv("BROKEN_DISK_FOLDER");
    const char *numbers = getenv("BROKEN_DISK_CONTROL");
    const char *book = getenv("BROKEN_DISK_JOURNAL");
    if (!given || !numbers)
        return;
    int file = open(numbers, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return;
    void *at = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (at == MAP_FAILED)
        return;
    snprintf(folder, sizeof folder, "%s/", given);
    folder_length = strlen(folder);
    if (book)
        journal = open(book, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    control = at;
}

/* Whether a file is below the folder; its path. What has lost its name is lost anyway. */
static int is_ours(int fd, char *path)
{
    if (!control || fd < 0)
        return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int kept = errno;
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    errno = kept;
    if (length <= 0)
        return 0;
    path[length] = 0;
    if (length > 10 && strcmp(path + length - 10, " (deleted)") == 0)
        return 0;
    return strncmp(path, folder, folder_length) == 0;
}

static void wait_us(int64_t us)
{
    struct timespec left = {us / 1000000, us % 1000000 * 1000};
    while (us > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Whether this call is to fail; errno then says how. */
static int fails(int call)
{
    if (!(control->fail_calls & call))
        return 0;
    int64_t number = __sync_fetch_and_add(&control->matched, 1) - control->fail_first;
    int64_t every = control->fail_every;
    if (number < 0 || (every ? number % every != 0 : number != 0))
        return 0;
    __sync_fetch_and_add(&control->failed, 1);
    errno = (int)control->fail_errno;
    return 1;
}

static void put(const void *bytes, size_t count)
{
    while (count > 0) {
        ssize_t done = syscall(SYS_write, journal, bytes, count);
        if (done <= 0)
            abort();
        bytes = (const char *)bytes + done;
        count -= (size_t)done;
    }
}

/* Put a record into the journal in one piece. The lock is held. */
static void note(struct head head, const char *path, const void *kept)
{
    head.path_bytes = (uint32_t)strlen(path);
    size_t all = sizeof head + head.path_bytes + head.kept_bytes;
    char *record = malloc(all);
    memcpy(record, &head, sizeof head);
    memcpy(record + sizeof head, path, head.path_bytes);
    if (kept)
        memcpy(record + sizeof head + head.path_bytes, kept, head.kept_bytes);
    put(record, all);
    free(record);
}

/* Note what is in a part of a file that is about to change. The lock is held. */
static void note_change(const char *path, int fd, off_t offset, off_t bytes)
{
    struct stat status;
    if (journal < 0 || fstat(fd, &status) != 0)
        return;
    off_t end = offset + bytes < status.st_size ? offset + bytes : status.st_size;
    struct head head = {CHANGED, 0, ++last_number, (uint64_t)offset, (uint64_t)bytes,
                        (uint64_t)status.st_size, 0};
    char *kept = NULL;
    if (end > offset) {
        /* The file may be open for writing only. */
        int reader = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        kept = malloc((size_t)(end - offset));
        if (reader < 0 || syscall(SYS_pread64, reader, kept, end - offset, offset) != end - offset)
            abort();
        syscall(SYS_close, reader);
        head.kept_bytes = (uint64_t)(end - offset);
    }
    note(head, path, kept);
    free(kept);
}

/* Before a write: wait, fail, or make it shorter. */
static int is_refused(size_t *count)
{
    wait_us(control->write_delay_us);
    if (fails(WRITE))
        return 1;
    int64_t number = __sync_add_and_fetch(&control->writes, 1);
    int64_t every = control->shorten_every;
    if (every && *count > 1 && number % every == 0) {
        *count /= 2;
        __sync_fetch_and_add(&control->shortened, 1);
    }
    return 0;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    char path[PATH_MAX];
    if (!real_write)
        return syscall(SYS_write, fd, bytes, count);
    if (!is_ours(fd, path))
        return real_write(fd, bytes, count);
    if (is_refused(&count))
        return -1;
    pthread_mutex_lock(&lock);
    struct stat status;
    if (fstat(fd, &status) == 0) {
        int appends = fcntl(fd, F_GETFL) & O_APPEND;
        note_change(path, fd, appends ? status.st_size : lseek(fd, 0, SEEK_CUR), (off_t)count);
    }
    ssize_t done = real_write(fd, bytes, count);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return real_pwrite(fd, bytes, count, offset);
    if (is_refused(&count))
        return -1;
    pthread_mutex_lock(&lock);
    note_change(path, fd, offset, (off_t)count);
    ssize_t done = real_pwrite(fd, bytes, count, offset);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    return pwrite(fd, bytes, count, offset);
}

static int sync_by(int fd, fd_t really)
{
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return really(fd);
    wait_us(control->sync_delay_us);
    if (fails(SYNC))
        return -1;
    __sync_fetch_and_add(&control->syncs, 1);
    pthread_mutex_lock(&lock);
    /* What others write meanwhile may be on disk or not: it is not counted as synced. */
    struct head head = {SYNCED, 0, last_number, 0, 0, 0, 0};
    pthread_mutex_unlock(&lock);
    int done = really(fd);
    if (done == 0 && journal >= 0) {
        pthread_mutex_lock(&lock);
        note(head, path, NULL);
        pthread_mutex_unlock(&lock);
    }
    return done;
}

int fsync(int fd)
{
    return sync_by(fd, real_fsync);
}

int fdatasync(int fd)
{
    return sync_by(fd, real_fdatasync);
}

int ftruncate(int fd, off_t length)
{
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return real_ftruncate(fd, length);
    if (fails(TRUNCATE))
        return -1;
    pthread_mutex_lock(&lock);
    struct stat status;
    if (fstat(fd, &status) == 0)
        note_change(path, fd, length, status.st_size > length ? status.st_size - length : 0);
    int done = real_ftruncate(fd, length);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int fd, off64_t length)
{
    return ftruncate(fd, length);
}

int fallocate(int fd, int mode, off_t offset, off_t bytes)
{
    char path[PATH_MAX];
    if (!is_ours(fd, path))
        return real_fallocate(fd, mode, offset, bytes);
    pthread_mutex_lock(&lock);
    note_change(path, fd, offset, bytes);
    int done = real_fallocate(fd, mode, offset, bytes);
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path)
{
    if (!control || journal < 0 || strncmp(path, folder, folder_length) != 0)
        return real_unlink(path);
    pthread_mutex_lock(&lock);
    /* Until something is synced the name may come back: a second one keeps what it stood for. */
    struct head head = {UNLINKED, 0, ++last_number, 0, 0, 0, 0};
    char kept[PATH_MAX + 32];
    snprintf(kept, sizeof kept, "%s.kept.%llu", folder, (unsigned long long)head.number);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0) == 0) {
        head.kept_bytes = strlen(kept);
        note(head, path, kept);
    }
    int done = real_unlink(path);
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *old, const char *new)
{
    if (!control || journal < 0 || strncmp(old, folder, folder_length) != 0)
        return real_rename(old, new);
    pthread_mutex_lock(&lock);
    struct head head = {RENAMED, 0, ++last_number, 0, 0, 0, strlen(new)};
    note(head, old, new);
    int done = real_rename(old, new);
    pthread_mutex_unlock(&lock);
    return done;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t us = now->tv_sec * 1000000LL + now->tv_nsec / 1000 + control->clock_offset_us;
        now->tv_sec = us / 1000000;
        now->tv_nsec = us % 1000000 * 1000 + now->tv_nsec % 1000;
    }
    return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    (void)zone;
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now)
{
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (now)
        *now = found.tv_sec;
    return found.tv_sec;
}
