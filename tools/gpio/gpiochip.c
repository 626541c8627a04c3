/* Answers for /dev/gpiochip0 as a Raspberry Pi's kernel does (<linux/gpio.h>, version 2 of the ABI),
 * so that the real lgpio can be tried where there are no pins. Preloaded; what the pins do lies in
 * the file $GPIOCHIP_STATE, as `struct state` says; /proc/device-tree tells of a Raspberry Pi 5. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 54, FILES = 1024 };

struct line {
    int32_t direction; /* 0: not claimed, 1: input, 2: output */
    int32_t level;     /* what an output drives */
    int32_t grounded;  /* whether an input is joined to ground; else its pull says */
    int32_t taken;     /* whether the kernel has given it to another */
    uint64_t rises;    /* how often the output went high */
    uint64_t high_ns;  /* for how long it was, up to `since_ns` */
    uint64_t since_ns; /* when it changed last, of CLOCK_MONOTONIC */
};

struct state {
    struct line lines[LINES];
};

static struct state *state;
static int kinds[FILES]; /* of each file: 0: not ours, -1: the chip, n + 1: line n */
static uint64_t flags[LINES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*next_open)(const char *, int, ...);
static int (*next_ioctl)(int, unsigned long, ...);
static int (*next_close)(int);

__attribute__((constructor)) static void begin(void)
{
    next_open = dlsym(RTLD_NEXT, "open");
    next_ioctl = dlsym(RTLD_NEXT, "ioctl");
    next_close = dlsym(RTLD_NEXT, "close");
    const char *path = getenv("GPIOCHIP_STATE");
    int file = path == NULL ? -1 : next_open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        fprintf(stderr, "gpiochip: $GPIOCHIP_STATE names no file that can be written\n");
        exit(1);
    }
    state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    next_close(file);
    if (state == MAP_FAILED) {
        perror("gpiochip: mmap");
        exit(1);
    }
}

static uint64_t now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000ull + at.tv_nsec;
}

static void drive(int number, int level)
{
    struct line *line = &state->lines[number];
    uint64_t at = now();
    if (line->level == level)
        return;
    if (line->level)
        line->high_ns += at - line->since_ns;
    line->rises += level;
    line->level = level;
    line->since_ns = at;
}

static int make_file(int kind)
{
    int file = memfd_create("gpiochip", MFD_CLOEXEC);
    if (file >= 0 && file < FILES)
        kinds[file] = kind;
    return file;
}

static int open_ours(const char *path)
{
    if (strcmp(path, "/dev/gpiochip0") == 0)
        return make_file(-1);
    if (strcmp(path, "/proc/device-tree/system/linux,revision") == 0) {
        static const unsigned char pi_5[] = {0x00, 0xd0, 0x41, 0x70};
        int file = memfd_create("revision", MFD_CLOEXEC);
        if (write(file, pi_5, sizeof pi_5) != sizeof pi_5)
            return -1;
        lseek(file, 0, SEEK_SET);
        return file;
    }
    return -2;
}

int open(const char *path, int how, ...)
{
    va_list rest;
    va_start(rest, how);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    int file = open_ours(path);
    return file == -2 ? next_open(path, how, mode) : file;
}

int open64(const char *path, int how, ...)
{
    va_list rest;
    va_start(rest, how);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    int file = open_ours(path);
    return file == -2 ? next_open(path, how, mode) : file;
}

int close(int file)
{
    if (file >= 0 && file < FILES && kinds[file] > 0) {
        /* A line that nobody holds is an input again. */
        pthread_mutex_lock(&lock);
        drive(kinds[file] - 1, 0);
        state->lines[kinds[file] - 1].direction = 0;
        pthread_mutex_unlock(&lock);
    }
    if (file >= 0 && file < FILES)
        kinds[file] = 0;
    return next_close(file);
}

static int refuse(int why)
{
    errno = why;
    return -1;
}

static int level_of(int number)
{
    struct line *line = &state->lines[number];
    if (line->direction == 2)
        return line->level;
    return !line->grounded && (flags[number] & GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
}

static void configure(int number, const struct gpio_v2_line_config *config, int first)
{
    flags[number] = config->flags;
    state->lines[number].direction = config->flags & GPIO_V2_LINE_FLAG_OUTPUT ? 2 : 1;
    int level = 0;
    for (unsigned n = 0; n < config->num_attrs; n++)
        if (config->attrs[n].attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES)
            level = config->attrs[n].attr.values & config->attrs[n].mask & 1;
    if (first || state->lines[number].direction == 1)
        drive(number, level);
}

static int ask_chip(unsigned long request, void *argument)
{
    if (request == GPIO_GET_CHIPINFO_IOCTL) {
        struct gpiochip_info *info = argument;
        memset(info, 0, sizeof *info);
        strcpy(info->name, "gpiochip0");
        strcpy(info->label, "pinctrl-rp1");
        info->lines = LINES;
        return 0;
    }
    if (request == GPIO_V2_GET_LINEINFO_IOCTL) {
        struct gpio_v2_line_info *info = argument;
        unsigned number = info->offset;
        if (number >= LINES)
            return refuse(EINVAL);
        memset(info, 0, sizeof *info);
        info->offset = number;
        info->flags = flags[number];
        if (state->lines[number].direction || state->lines[number].taken)
            info->flags |= GPIO_V2_LINE_FLAG_USED;
        snprintf(info->name, sizeof info->name, "GPIO%u", number);
        return 0;
    }
    if (request == GPIO_V2_GET_LINE_IOCTL) {
        struct gpio_v2_line_request *wanted = argument;
        unsigned number = wanted->offsets[0];
        if (wanted->num_lines != 1 || number >= LINES)
            return refuse(EINVAL);
        if (state->lines[number].direction || state->lines[number].taken)
            return refuse(EBUSY);
        configure(number, &wanted->config, 1);
        wanted->fd = make_file(number + 1);
        return wanted->fd < 0 ? -1 : 0;
    }
    return refuse(ENOTTY);
}

static int ask_line(int number, unsigned long request, void *argument)
{
    struct gpio_v2_line_values *values = argument;
    if (request == GPIO_V2_LINE_SET_VALUES_IOCTL) {
        if (state->lines[number].direction != 2)
            return refuse(EPERM);
        if (values->mask & 1)
            drive(number, values->bits & 1);
        return 0;
    }
    if (request == GPIO_V2_LINE_GET_VALUES_IOCTL) {
        values->bits = level_of(number) & values->mask;
        return 0;
    }
    if (request == GPIO_V2_LINE_SET_CONFIG_IOCTL) {
        configure(number, argument, 0);
        return 0;
    }
    return refuse(ENOTTY);
}

int ioctl(int file, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    int kind = file >= 0 && file < FILES ? kinds[file] : 0;
    if (kind == 0)
        return next_ioctl(file, request, argument);
    pthread_mutex_lock(&lock);
    int answer = kind < 0 ? ask_chip(request, argument) : ask_line(kind - 1, request, argument);
    pthread_mutex_unlock(&lock);
    return answer;
}
