#include "sys/file_writer.h"

#include "base/buf.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024 };

struct file_writer {
	pthread_t thread;
	int fd, ended_fd;
	sem_t go;
	bool busy;	   /* known to the caller's side alone */
	atomic_bool ended; /* the thread is through with what follows */
	bool quit;
	const void *data;
	size_t len;
	ssize_t result;
	int sys_errno;
};

static void *write_for_ever(void *arg)
{
	struct file_writer *w = arg;
	for (;;) {
		while (sem_wait(&w->go))
			;
		if (w->quit)
			return NULL;
		do
			w->result = write(w->fd, w->data, w->len);
		while (w->result < 0 && errno == EINTR);
		w->sys_errno = errno;
		atomic_store(&w->ended, true);
		eventfd_write(w->ended_fd, 1);
	}
}

/* Signals are for the thread that runs the loop. */
static int start_thread(struct file_writer *w)
{
	pthread_attr_t attr;
	sigset_t all, before;
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&w->thread, &attr, write_for_ever, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

struct file_writer *file_writer_new(int fd, struct err *e)
{
	struct file_writer *w = mem_alloc(sizeof *w);
	w->fd = fd;
	w->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sem_init(&w->go, 0, 0);
	int rc = w->ended_fd < 0 ? errno : start_thread(w);
	if (!rc)
		return w;
	err_sys(e, rc, "cannot start a thread to write");
	if (w->ended_fd >= 0)
		close(w->ended_fd);
	sem_destroy(&w->go);
	free(w);
	return NULL;
}

bool file_writer_free(struct file_writer *w)
{
	if (!w)
		return true;
	if (w->busy && !atomic_load(&w->ended))
		return false;
	w->quit = true;
	sem_post(&w->go);
	pthread_join(w->thread, NULL);
	close(w->ended_fd);
	sem_destroy(&w->go);
	free(w);
	return true;
}

int file_writer_fd(const struct file_writer *w)
{
	return w->ended_fd;
}

ssize_t file_writer_write(struct file_writer *w, const void *data, size_t len)
{
	eventfd_t times;
	if (w->busy && atomic_load(&w->ended)) {
		eventfd_read(w->ended_fd, &times);
		w->busy = false;
		errno = w->sys_errno;
		return w->result;
	}
	if (!w->busy) {
		w->busy = true;
		atomic_store(&w->ended, false);
		w->data = data;
		w->len = len;
		sem_post(&w->go);
	}
	errno = EAGAIN;
	return -1;
}
