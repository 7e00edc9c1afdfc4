/* A bare libcurl multi loop on epoll, as the yardstick of what a load generator adds to it:
 *	curlloop RATE SECONDS CONNECTIONS SLACK_MS URL [CACERT]
 * sends RATE requests a second on at most CONNECTIONS connections; those due within SLACK_MS of the
 *last wake-up share the next one. Prints the CPU in us for each answered request. */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, EVENTS = 64 };

static struct {
	CURLM *multi;
	CURL *idle[CONNECTIONS_MAX];
	int idle_count, epoll, timer;
	int64_t curl_ns;		     /* when libcurl wants to be called; 0: not at all */
	int64_t start_ns, last_ns, slack_ns; /* of the schedule; of the last wake-up for it */
	double rate;
	long due, total, started, answered, ended;
} g;

static int64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static size_t discard(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct epoll_event e = {.data.fd = fd};
	(void)easy;
	(void)arg;
	if (what == CURL_POLL_REMOVE)
		return epoll_ctl(g.epoll, EPOLL_CTL_DEL, fd, NULL), 0;
	e.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
	epoll_ctl(g.epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
	curl_multi_assign(g.multi, fd, &g);
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	(void)multi;
	(void)arg;
	g.curl_ns = timeout_ms < 0 ? 0 : now_ns() + timeout_ms * 1000000;
	return 0;
}

static CURL *new_handle(const char *url, const char *cacert)
{
	CURL *c = curl_easy_init();
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	if (cacert)
		curl_easy_setopt(c, CURLOPT_CAINFO, cacert);
	return c;
}

static int64_t due_ns(long slot)
{
	return g.start_ns + (int64_t)((double)slot / g.rate * 1e9);
}

/* Hands out what is due, as far as there are handles for it. */
static void start_due(void)
{
	int64_t now = now_ns();
	while (g.due < g.total && due_ns(g.due) <= now)
		g.due++;
	while (g.started < g.due && g.idle_count) {
		curl_multi_add_handle(g.multi, g.idle[--g.idle_count]);
		g.started++;
	}
}

static void take_ended(void)
{
	int left;
	for (CURLMsg *m; (m = curl_multi_info_read(g.multi, &left));) {
		CURL *easy = m->easy_handle;
		g.ended++;
		g.answered += m->data.result == CURLE_OK;
		curl_multi_remove_handle(g.multi, easy);
		g.idle[g.idle_count++] = easy;
	}
}

static void arm(void)
{
	int64_t at = g.curl_ns;
	if (g.due < g.total) {
		int64_t next = due_ns(g.due), shared = g.last_ns + g.slack_ns;
		next = next > shared ? next : shared;
		at = !at || next < at ? next : at;
	}
	struct itimerspec t = {.it_value = {at / 1000000000, at % 1000000000}};
	timerfd_settime(g.timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void timer_fired(void)
{
	uint64_t times;
	int running;
	if (read(g.timer, &times, sizeof times) != sizeof times)
		return;
	if (g.curl_ns && now_ns() >= g.curl_ns) {
		g.curl_ns = 0;
		curl_multi_socket_action(g.multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	if (g.due < g.total && due_ns(g.due) <= now_ns())
		g.last_ns = now_ns();
}

static void loop(void)
{
	struct epoll_event events[EVENTS];
	int running;
	while (g.ended < g.total) {
		start_due();
		arm();
		int n = epoll_wait(g.epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			unsigned e = events[i].events;
			int mask = (e & EPOLLIN ? CURL_CSELECT_IN : 0) |
				   (e & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				   (e & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
			if (events[i].data.fd == g.timer)
				timer_fired();
			else
				curl_multi_socket_action(g.multi, events[i].data.fd, mask,
							 &running);
		}
		take_ended();
	}
}

int main(int argc, char **argv)
{
	struct rusage used;
	struct epoll_event timer = {.events = EPOLLIN};
	if (argc < 6 || argc > 7 || atoi(argv[3]) < 1 || atoi(argv[3]) > CONNECTIONS_MAX) {
		fputs("usage: curlloop RATE SECONDS CONNECTIONS SLACK_MS URL [CACERT]\n", stderr);
		return 2;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	g.multi = curl_multi_init();
	curl_multi_setopt(g.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(g.multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(g.multi, CURLMOPT_MAXCONNECTS, atol(argv[3]));
	for (int i = atoi(argv[3]); i > 0; i--)
		g.idle[g.idle_count++] = new_handle(argv[5], argv[6]);
	g.epoll = epoll_create1(EPOLL_CLOEXEC);
	g.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	timer.data.fd = g.timer;
	epoll_ctl(g.epoll, EPOLL_CTL_ADD, g.timer, &timer);
	g.rate = atof(argv[1]);
	g.total = (long)(g.rate * atof(argv[2]));
	g.slack_ns = (int64_t)(atof(argv[4]) * 1e6);
	g.start_ns = now_ns();
	loop();
	getrusage(RUSAGE_SELF, &used);
	printf("%.3f\n", ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
			  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
				 (double)g.answered);
	return g.answered == g.total ? 0 : 6;
}
