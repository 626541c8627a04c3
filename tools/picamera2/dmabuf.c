/* Answers for the kernel's DMA buffers where there are none (containers, most virtual machines).
 *
 * Preloaded beside libcamera and picamera2, which put frames into them: a heap's buffer is a memfd,
 * udmabuf's is the memfd that it is made of, and what is asked of a buffer is granted. With the
 * file that $HANG_FILE names, whoever synchronises a buffer is held for ever, as in a driver whose
 * camera has come loose.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int is_simulated(const char *path)
{
	return !strcmp(path, "/dev/udmabuf") || !strncmp(path, "/dev/dma_heap/", 14);
}

/* The device itself is only a handle: which ioctl comes on it says what is wanted. */
static int open_simulated(int flags)
{
	return memfd_create("device", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
}

#define OPEN(NAME)                                                                              \
	int NAME(const char *path, int flags, ...)                                              \
	{                                                                                       \
		int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #NAME);                  \
		va_list rest;                                                                   \
		va_start(rest, flags);                                                          \
		mode_t mode = va_arg(rest, mode_t);                                             \
		va_end(rest);                                                                   \
		return is_simulated(path) ? open_simulated(flags) : real(path, flags, mode);    \
	}

OPEN(open)
OPEN(open64)

static int allocate(struct dma_heap_allocation_data *asked)
{
	int fd = memfd_create("dma-heap", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)asked->len))
		return -1;
	asked->fd = (unsigned int)fd;
	return 0;
}

static void hang_if_told(void)
{
	const char *file = getenv("HANG_FILE");
	while (file && access(file, F_OK) == 0)
		sleep(1);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list rest;
	va_start(rest, request);
	void *argument = va_arg(rest, void *);
	va_end(rest);
	switch (request) {
	case DMA_HEAP_IOCTL_ALLOC:
		return allocate(argument);
	case UDMABUF_CREATE:
		return fcntl((int)((struct udmabuf_create *)argument)->memfd, F_DUPFD_CLOEXEC, 0);
	case DMA_BUF_IOCTL_SYNC:
		hang_if_told();
		return 0;
	case DMA_BUF_SET_NAME_A:
	case DMA_BUF_SET_NAME_B:
		return 0;
	}
	int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	return real(fd, request, argument);
}
