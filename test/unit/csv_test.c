#include "base/buf.h"
#include "base/units.h"
#include "csv/csv.h"
#include "csv/csv_fast.h"
#include "csv/csv_marks.h"
#include "csv/csv_row.h"
#include "csv/csv_swar.h"

#include "random.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a scan found, as text: a line a row, and the counts at the end. */
static enum csv_result collect(struct csv *c, struct buf *out)
{
	struct csv_row r;
	struct err e;
	enum csv_result got;
	while ((got = csv_next(c, &r, &e)) == CSV_ROW) {
		if (r.kind == CSV_LOST)
			buf_addf(out, "lost %lu %ld %ld\n", (unsigned long)r.lost,
				 (long)r.lost_from_ns, (long)r.lost_to_ns);
		else if (r.kind == CSV_COUNTS)
			buf_addf(out, "counts %ld %ld %u %u %ld %ld %ld [%.*s]\n", (long)r.due_ns,
				 (long)r.counts.length_ns, r.counts.ok, r.counts.err,
				 (long)r.counts.p50_ns, (long)r.counts.p95_ns, (long)r.counts.p99_ns,
				 (int)r.node.len, r.node.at);
		else
			buf_addf(out, "%ld %ld %d %d %d %ld [%.*s] [%.*s]\n", (long)r.due_ns,
				 (long)r.latency_ns, r.status_code, r.failed, (int)r.error,
				 (long)r.slot, (int)r.node.len, r.node.at, (int)r.op.len, r.op.at);
	}
	if (got == CSV_ERROR)
		buf_addf(out, "error: %s\n", e.msg);
	if (got != CSV_AGAIN)
		buf_addf(out, "bad %d torn %d dup %d\n", (int)c->bad, (int)c->torn, (int)c->duplicate);
	return got;
}

static void scan_memory(const char *text, size_t len, struct buf *out)
{
	struct csv c;
	csv_init_memory(&c, text, len, "x");
	collect(&c, out);
	csv_release(&c);
}

/* The same through a pipe that gives the first `split` bytes, nothing for a while, and the rest. */
static void scan_split(const char *text, size_t len, size_t split, struct buf *out)
{
	struct csv c;
	int fds[2];
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	csv_init(&c, fds[0], "x");
	assert_int_equal(write(fds[1], text, split), split);
	enum csv_result got = collect(&c, out);
	assert_int_equal(got == CSV_ERROR || got == CSV_AGAIN, true);
	assert_int_equal(write(fds[1], text + split, len - split), len - split);
	close(fds[1]);
	if (got == CSV_AGAIN)
		collect(&c, out);
	csv_release(&c);
	close(fds[0]);
}

/* The same fed, so many bytes at a time. */
static void scan_fed(const char *text, size_t len, size_t piece, struct buf *out)
{
	struct csv c;
	enum csv_result got = CSV_AGAIN;
	csv_init_fed(&c, "x");
	for (size_t at = 0, n = 1; n && got == CSV_AGAIN; at += n) {
		size_t room;
		char *to = csv_room(&c, &room);
		assert_true(room > 0);
		n = piece < room ? piece : room;
		n = at + n < len ? n : len - at;
		memcpy(to, text + at, n);
		csv_fed(&c, n);
		got = collect(&c, out);
	}
	assert_int_not_equal(got, CSV_AGAIN);
	csv_release(&c);
}

#define OURS "timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,detail\n"
#define LEGACY "timestamp,node,status_code,latency_ms,error\n"
#define ROW0 "1766500030.001234,http://a:1,200,12.345,,12.000,POST /work,5,0,\n"

static const struct {
	const char *text;
	size_t len;
	const char *want;
} cases[] = {
#define CASE(text, want) {text, sizeof(text) - 1, want}
	CASE(OURS ROW0, "1766500030001234000 12345000 200 0 0 0 [http://a:1] [POST /work]\n"
			"bad 0 torn 0 dup 0\n"),
	CASE(OURS "1766500031,http://a:1,,0.5,refused,0.100,GET,0,1,\"Connection refused\"\n",
	     "1766500031000000000 500000 0 1 1 1 [http://a:1] [GET]\nbad 0 torn 0 dup 0\n"),
	/* quotes, commas, newlines and CRLF in free text */
	CASE("timestamp,node,status_code,latency_ms,error\r\n"
	     "1766500031.5,http://a:1,,1.0,\"said \"\"no, never\"\",\nthen timed out\"\r\n"
	     "1766500032.5,\"http://b,c\",200,2,\r\n"
	     "1766500033.5,http://b,\"200\",\"3\",\"\"\r\n",
	     "1766500031500000000 1000000 0 1 4 -1 [http://a:1] []\n"
	     "1766500032500000000 2000000 200 0 0 -1 [http://b,c] []\n"
	     "1766500033500000000 3000000 200 0 0 -1 [http://b] []\nbad 0 torn 0 dup 0\n"),
	/* many rows: but for the last ones they go the fast way */
	CASE(OURS ROW0 "1766500030.021234,http://a:1,503,0.5,,12.000,GET,5,1,\r\n"
	     "1766500030.041234,http://a:1,,100,reset,,GET,5,2,x\n"
	     "17665000300.41234,http://a:1,,100,reset,,GET,5,3,x\n"
	     "1766500030.061234,http://a:1,200,5000,,,GET,5,4,,,\n\n"
	     "1766500030.0612,http://a:1,200,.5,,,GET,5,5,\n"
	     "1766500031.001234,http://a:1,200,1.1234567,,,GET,5,6,\n"
	     "1766500031.001234,http://a:1,2x0,1.1,,,GET,5,7,\n" ROW0,
	     "1766500030001234000 12345000 200 0 0 0 [http://a:1] [POST /work]\n"
	     "1766500030021234000 500000 503 1 10 1 [http://a:1] [GET]\n"
	     "1766500030041234000 100000000 0 1 3 2 [http://a:1] [GET]\n"
	     "1766500030061234000 5000000000 200 0 0 4 [http://a:1] [GET]\n"
	     "1766500030061200000 500000 200 0 0 5 [http://a:1] [GET]\n"
	     "1766500031001234000 1123456 200 0 0 6 [http://a:1] [GET]\n"
	     "1766500031001234000 1100000 0 1 8 7 [http://a:1] [GET]\nbad 1 torn 0 dup 1\n"),
	/* any order, unknown columns, only what is needed */
	CASE("\xef\xbb\xbf" "x, latency_ms ,timestamp\n,7.25,12\n",
	     "12000000000 7250000 0 0 0 -1 [] []\nbad 0 torn 0 dup 0\n"),
	/* HTTP status without error text; free text with a status; unknown text */
	CASE(LEGACY "1,a,500,1,\n1,a,404,1,\n1,a,200,1,HTTP 503\n1,a,,1,strange\n1,a,399,1,\n",
	     "1000000000 1000000 500 1 10 -1 [a] []\n1000000000 1000000 404 1 9 -1 [a] []\n"
	     "1000000000 1000000 200 1 27 -1 [a] []\n1000000000 1000000 0 1 27 -1 [a] []\n"
	     "1000000000 1000000 399 0 0 -1 [a] []\nbad 0 torn 0 dup 0\n"),
	/* numbers */
	CASE("timestamp,latency_ms\n1.500e3,2E-2\n 7 ,\t8\n0007.1234567899,1.0000001\n"
	     "7258118399,1\n1.0000000000e9,1e-9\n",
	     "1500000000000 20000 0 0 0 -1 [] []\n7000000000 8000000 0 0 0 -1 [] []\n"
	     "7123456789 1000000 0 0 0 -1 [] []\n7258118399000000000 1000000 0 0 0 -1 [] []\n"
	     "1000000000000000000 0 0 0 0 -1 [] []\nbad 0 torn 0 dup 0\n"),
	CASE("timestamp,latency_ms\n-1,2\n1,-2\nx,2\n1,\n,1\n1.2.3,1\n.,1\n99999999999,1\n"
	     "1,nan\n1,inf\n0x10,1\n1,99999999999999\n1;2\n1,2,3\n",
	     "bad 14 torn 0 dup 0\n"),
	/* times that were rounded to thousands of seconds */
	CASE("timestamp,latency_ms\n1.79574e+09,1\n1.7665E9,1\n1e0,1\n1.766500030E+09,1\n",
	     "1000000000 1000000 0 0 0 -1 [] []\n1766500030000000000 1000000 0 0 0 -1 [] []\n"
	     "bad 2 torn 0 dup 0\n"),
	/* a failed row may lack its latency, whatever stands there; a good one not */
	CASE(LEGACY "1,a,,,refused\n1,a,200,,\n1,a,503,-,\n1,a,200,-,\n1,a,503,NaN,\n"
	     "1,a,503,\"0.1, 0.2\",\n1,a,200,99999999999999,x\n",
	     "1000000000 -1 0 1 1 -1 [a] []\n1000000000 -1 503 1 10 -1 [a] []\n"
	     "1000000000 -1 503 1 10 -1 [a] []\n1000000000 -1 503 1 10 -1 [a] []\n"
	     "1000000000 -1 200 1 27 -1 [a] []\nbad 2 torn 0 dup 0\n"),
	/* what is no status is no answer: closed, or what its text says, else protocol */
	CASE(LEGACY "1,a,000,1,\n1,a,0,1,\n1,a,-1,1,\n1,a,,1,\n1,a,-,1,\n1,a,000,1,timed out\n",
	     "1000000000 1000000 0 1 7 -1 [a] []\n1000000000 1000000 0 1 7 -1 [a] []\n"
	     "1000000000 1000000 0 1 7 -1 [a] []\n1000000000 1000000 0 1 7 -1 [a] []\n"
	     "1000000000 1000000 0 1 7 -1 [a] []\n1000000000 1000000 0 1 4 -1 [a] []\n"
	     "bad 0 torn 0 dup 0\n"),
	CASE(LEGACY "1,a,1006,1,\n1,a,99,1,\n1,a,600,1,\n1,a,OK,1,\n1,a,ECONNREFUSED,1,\n"
	     "1,a,Non HTTP response code: java.net.SocketTimeoutException,1,\n"
	     "1,a,503 Service Unavailable,1,\n1,a,200 OK,1,\n1,a,200.0,1,\n1,a,100,1,\n"
	     "1,a,248.4,1,\n", /* the mean of some */
	     "1000000000 1000000 0 1 8 -1 [a] []\n1000000000 1000000 0 1 8 -1 [a] []\n"
	     "1000000000 1000000 0 1 8 -1 [a] []\n1000000000 1000000 0 1 8 -1 [a] []\n"
	     "1000000000 1000000 0 1 1 -1 [a] []\n1000000000 1000000 0 1 4 -1 [a] []\n"
	     "1000000000 1000000 503 1 10 -1 [a] []\n1000000000 1000000 200 0 0 -1 [a] []\n"
	     "1000000000 1000000 200 0 0 -1 [a] []\n1000000000 1000000 100 0 0 -1 [a] []\n"
	     "1000000000 1000000 0 1 8 -1 [a] []\nbad 0 torn 0 dup 0\n"),
	/* other tools' words for a failure: they add to what else is one */
	CASE("timestamp,latency_ms,success,status_code\n1,1,true,200\n1,1,FALSE,200\n1,1,1,404\n1,1,,200\n"
	     "1,1,0,000\n1,1,yes,500\n",
	     "1000000000 1000000 200 0 0 -1 [] []\n1000000000 1000000 200 1 27 -1 [] []\n"
	     "1000000000 1000000 404 1 9 -1 [] []\n1000000000 1000000 0 1 7 -1 [] []\n"
	     "1000000000 1000000 500 1 10 -1 [] []\nbad 1 torn 0 dup 0\n"),
	CASE("timestamp,latency_ms,error_code\n1,1,\n1,1,0\n1,1,1050\n1,1,1101\n1,1,1212\n1,1,1220\n"
	     "1,1,1310\n1,1,1404\n1,1,1503\n1,1,1000\n1,1,x\n",
	     "1000000000 1000000 0 0 0 -1 [] []\n1000000000 1000000 0 0 0 -1 [] []\n"
	     "1000000000 1000000 0 1 4 -1 [] []\n1000000000 1000000 0 1 5 -1 [] []\n"
	     "1000000000 1000000 0 1 1 -1 [] []\n1000000000 1000000 0 1 3 -1 [] []\n"
	     "1000000000 1000000 0 1 6 -1 [] []\n1000000000 1000000 0 1 9 -1 [] []\n"
	     "1000000000 1000000 0 1 10 -1 [] []\n1000000000 1000000 0 1 27 -1 [] []\n"
	     "1000000000 1000000 0 1 27 -1 [] []\nbad 0 torn 0 dup 0\n"),
	/* blanks around a field are no part of it: names, numbers, words, quotes */
	CASE(" timestamp, node ,status_code,\tlatency_ms, error, op\n"
	     "1, a ,\t200, 2, ,\tGET\n1, \"b, c\" , 503 ,-, \" refused \"\t, \"PUT /x\" \r\n \n",
	     "1000000000 2000000 200 0 0 -1 [a] [GET]\n1000000000 -1 503 1 1 -1 [b, c] [PUT /x]\n"
	     "bad 0 torn 0 dup 0\n"),
	/* short rows, blank lines, torn last line */
	CASE(LEGACY "1,a\n\n1,a,200,1,\n\r\n1,a,200,1", "1000000000 1000000 200 0 0 -1 [a] []\n"
						 "bad 1 torn 1 dup 0\n"),
	CASE(LEGACY "1,a,200,1,\n\"\"\n", "1000000000 1000000 200 0 0 -1 [a] []\n"
				      "bad 1 torn 0 dup 0\n"),
	/* a decimal comma makes a row longer, which only text at its end may do; an empty field behind all is none */
	CASE("timestamp,status_code,latency_ms\n1,200,1,5\n2,200,3\n3,200,4,\n4,200,5,,\n",
	     "2000000000 3000000 200 0 0 -1 [] []\n3000000000 4000000 200 0 0 -1 [] []\nbad 2 torn 0 dup 0\n"),
	CASE("timestamp,ok,err\n1,2,3,5\n2,2,3\n", "counts 2000000000 0 2 3 -1 -1 -1 []\nbad 1 torn 0 dup 0\n"),
	CASE(LEGACY "1,a,200,1,,\n2,a,503,1,gone, for now\n",
	     "1000000000 1000000 200 0 0 -1 [a] []\n2000000000 1000000 503 1 10 -1 [a] []\nbad 0 torn 0 dup 0\n"),
	/* NUL bytes cost their row */
	CASE(LEGACY "1,a,200,1,\n1,\0,200,1,\n\0\0\0\n2,a,200,1,\n",
	     "1000000000 1000000 200 0 0 -1 [a] []\n2000000000 1000000 200 0 0 -1 [a] []\n"
	     "bad 2 torn 0 dup 0\n"),
	/* a stray quote costs its line */
	CASE(LEGACY "1,a,200,1,\"never closed\n2,a,200,1,\n3,a,200,1,\n",
	     "2000000000 1000000 200 0 0 -1 [a] []\n3000000000 1000000 200 0 0 -1 [a] []\n"
	     "bad 1 torn 0 dup 0\n"),
	CASE(LEGACY "1,a,200,1,\"x\"y\n2,a,200,1,a\"b\n",
	     "2000000000 1000000 200 1 27 -1 [a] []\nbad 1 torn 0 dup 0\n"),
	/* a header again; slots of the second part are not duplicates of the first's */
	CASE(OURS ROW0 ROW0 OURS ROW0 LEGACY "1,a,200,1,\n",
	     "1766500030001234000 12345000 200 0 0 0 [http://a:1] [POST /work]\n"
	     "1766500030001234000 12345000 200 0 0 0 [http://a:1] [POST /work]\n"
	     "1000000000 1000000 200 0 0 -1 [a] []\nbad 0 torn 0 dup 1\n"),
	/* ... also with a byte order mark, and with its columns in another order */
	CASE("\xef\xbb\xbf" LEGACY "1,a,200,1,\n" "\xef\xbb\xbf" "latency_ms,status_code,timestamp\n7,500,2\n"
	     "\xef\xbb\xbf\"timestamp\",latency_ms\r\n3,4\r\n",
	     "1000000000 1000000 200 0 0 -1 [a] []\n2000000000 7000000 500 1 10 -1 [] []\n"
	     "3000000000 4000000 0 0 0 -1 [] []\nbad 0 torn 0 dup 0\n"),
	/* ... which may be a wrong one, unlike a row that happens to hold the name of a column */
	CASE(LEGACY "1,a,200,1,\nx,timestamp,200,1,\ntimestamp,latency\n2,3\n",
	     "1000000000 1000000 200 0 0 -1 [a] []\n"
	     "error: wrong header in line 4 of 'x': no column 'latency_ms'; the nearest is 'latency'\n"
	     "bad 1 torn 0 dup 0\n"),
	CASE(LEGACY "1,a,200,1,\nlatency_ms,timestamp,latency_ms\n",
	     "1000000000 1000000 200 0 0 -1 [a] []\n"
	     "error: wrong header in line 3 of 'x': there are two columns 'latency_ms'\nbad 0 torn 0 dup 0\n"),
	CASE("timestamp,x,x,latency_ms, timestamp\n1,1,1,1,1\n",
	     "error: wrong header in 'x': there are two columns 'timestamp'\nbad 0 torn 0 dup 0\n"),
	/* rows lost to a slow reader, and a marker that does not say what was lost */
	CASE(OURS "1.0,,,0.000,local,,output,0,,\"count=7 from=1.5 to=2.25\"\n"
		  "1.0,,,0.000,local,,output,0,,\"count=7 from=1.5\"\n"
		  "1.0,,,0.000,local,,output,0,3,\n",
	     "lost 7 1500000000 2250000000\n1000000000 0 0 1 26 3 [] [output]\n"
	     "bad 1 torn 0 dup 0\n"),
	/* whole numbers of 13, 16 and 19 digits are ms, us and ns */
	CASE("timestamp,latency_ms\n1766500030001,1\n1766500030001002,1\n1766500030001002003,1\n"
	     "1766500030001.5,1\n176650003000100,1\n9999999999999,1\n",
	     "1766500030001000000 1000000 0 0 0 -1 [] []\n1766500030001002000 1000000 0 0 0 -1 [] []\n"
	     "1766500030001002003 1000000 0 0 0 -1 [] []\n1766500030001500000 1000000 0 0 0 -1 [] []\n"
	     "bad 2 torn 0 dup 0\n"),
	/* a slot is a whole number: no other one is cut to it */
	CASE("timestamp,latency_ms,slot\n1,1,4\n1,1,4.5\n1,1,5.0\n1,1,60000000.5\n1,1,700000000.0\n1,1,-8\n1,1,95e-1\n",
	     "1000000000 1000000 0 0 0 4 [] []\n1000000000 1000000 0 0 0 -1 [] []\n1000000000 1000000 0 0 0 5 [] []\n"
	     "1000000000 1000000 0 0 0 -1 [] []\n1000000000 1000000 0 0 0 700000000 [] []\n"
	     "1000000000 1000000 0 0 0 -1 [] []\n1000000000 1000000 0 0 0 -1 [] []\nbad 0 torn 0 dup 0\n"),
	/* counts; an empty err is not known */
	CASE("timestamp,ok,err\n1,2,3\n1.5,0,0\n2,-1,0\n2,1,\n2,1\n3,1,1000000001\n",
	     "counts 1000000000 0 2 3 -1 -1 -1 []\ncounts 1500000000 0 0 0 -1 -1 -1 []\n"
	     "counts 2000000000 0 1 0 -1 -1 -1 []\nbad 3 torn 0 dup 0\n"),
	/* parts of requests: what is rounded off is not lost, and stays with its node */
	CASE("timestamp,node,ok,err\n1,a,99.6,0.4\n1,b,0.5,0\n2,a,99.6,0.4\n2,b,0.4,0\n3,a,99.6,0.4\n"
	     "4,a,99.6,0.4\n5,a,99.6,0.4\n6,a,1e2,.333333333\n6,a,0,-1\n6,a,1000000000.1,0\n7,a,0,0.2\n",
	     "counts 1000000000 0 100 0 -1 -1 -1 [a]\ncounts 1000000000 0 1 0 -1 -1 -1 [b]\n"
	     "counts 2000000000 0 99 1 -1 -1 -1 [a]\ncounts 2000000000 0 0 0 -1 -1 -1 [b]\n"
	     "counts 3000000000 0 100 0 -1 -1 -1 [a]\ncounts 4000000000 0 99 1 -1 -1 -1 [a]\n"
	     "counts 5000000000 0 100 0 -1 -1 -1 [a]\ncounts 6000000000 0 100 0 -1 -1 -1 [a]\n"
	     "counts 7000000000 0 0 1 -1 -1 -1 [a]\nbad 2 torn 0 dup 0\n"),
	CASE("err,p99_ms,ok,timestamp,node,p50_ms,length_s,p95_ms,slot\n"
	     "1,9,2,1,\"a,b\",5,0.5,7.5,3\n1,,2,1,a,,,,3\n1,9,2,1,a,5,0,7,3\n1,9,2,1,a,5,1,4,3\n1,9,2,1,a,5,1,x,3\n",
	     "counts 1000000000 500000000 2 1 5000000 7500000 9000000 [a,b]\n"
	     "counts 1000000000 0 2 1 -1 -1 -1 [a]\nbad 3 torn 0 dup 0\n"),
	CASE("timestamp,ok,latency_ms\n1,2,3\n", "1000000000 3000000 0 0 0 -1 [] []\nbad 0 torn 0 dup 0\n"),
	CASE("timestamp,err\n", "error: wrong header in 'x': no column 'ok'; it starts with 'timestamp'\n"
				"bad 0 torn 0 dup 0\n"),
	/* wrong headers */
	CASE("timestamp;latency_ms\n1;2\n", "error: wrong header in 'x': fields are separated by ';', "
						"not ','\nbad 0 torn 0 dup 0\n"),
	CASE("", "error: 'x' is empty: it has neither a header line nor rows\nbad 0 torn 0 dup 0\n"),
	CASE("timestamp,latency_ms",
	     "error: no header line in 'x': its first line has no end\nbad 0 torn 0 dup 0\n"),
	CASE("timestamp,latency\n1,2\n", "error: wrong header in 'x': no column 'latency_ms'; "
					 "the nearest is 'latency'\nbad 0 torn 0 dup 0\n"),
	CASE("time_stamp,latency_ms\n1,2\n", "error: wrong header in 'x': no column 'timestamp'; the "
					     "nearest is 'time_stamp'\nbad 0 torn 0 dup 0\n"),
	CASE("1766500031,http://a:1,200,5,\n", "error: no header line in 'x': its first line "
					       "starts with '1766500031'\nbad 0 torn 0 dup 0\n"),
	CASE("\n", "error: wrong header in 'x': no column 'timestamp'; it starts with ''\n"
		   "bad 0 torn 0 dup 0\n"),
};

static void whole_inputs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT;
		scan_memory(cases[i].text, cases[i].len, &out);
		assert_string_equal(out.data, cases[i].want);
		buf_release(&out);
	}
}

static void split_at_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t split = 0; split <= cases[i].len; split++) {
			struct buf out = BUF_INIT;
			scan_split(cases[i].text, cases[i].len, split, &out);
			if (strcmp(out.data, cases[i].want) != 0)
				fail_msg("case %zu split at %zu: %s", i, split, out.data);
			buf_release(&out);
		}
}

static void fed_in_pieces(void **state)
{
	(void)state;
	static const size_t pieces[] = {1, 2, 7, 64, 4096};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
			struct buf out = BUF_INIT;
			scan_fed(cases[i].text, cases[i].len, pieces[k], &out);
			if (strcmp(out.data, cases[i].want) != 0)
				fail_msg("case %zu by %zu: %s", i, pieces[k], out.data);
			buf_release(&out);
		}
}

/* The text ends where the next page may not be read. */
static void nothing_beyond_the_end_is_read(void **state)
{
	(void)state;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t len = 0; len <= cases[i].len; len++) {
			struct buf out = BUF_INIT;
			char *at = pages + page - len;
			memcpy(at, cases[i].text, len);
			scan_memory(at, len, &out);
			buf_release(&out);
		}
	munmap(pages, 2 * page);
}

/* A child writes; the parent scans: for inputs larger than a pipe holds. */
static void scan_from_child(void (*write_to)(FILE *f), struct csv *counts, struct buf *out)
{
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		FILE *f = fdopen(fds[1], "w");
		close(fds[0]);
		write_to(f);
		fclose(f);
		_exit(0);
	}
	close(fds[1]);
	csv_init(counts, fds[0], "x");
	collect(counts, out);
	csv_release(counts);
	close(fds[0]);
	waitpid(pid, NULL, 0);
}

static void write_long_line(FILE *f)
{
	fputs(LEGACY "1,a,200,1,\n2,a,200,1,\"", f);
	for (int i = 0; i < 10 << 20; i++)
		putc('x', f);
	fputs("\"\n3,a,200,1,\n", f);
	for (int i = 0; i < CSV_ROW_MAX - 20; i++) /* an open quote over many short lines */
		fputs(i ? "4,a\n" : "4,a,200,1,\"\n", f);
	fputs("5,a,200,1,\n6,", f);
	for (int i = 0; i < CSV_BUFFER * 2; i++)
		putc('y', f);
}

static void long_lines(void **state)
{
	(void)state;
	struct csv c;
	struct buf out = BUF_INIT;
	scan_from_child(write_long_line, &c, &out);
	char want[256];
	snprintf(want, sizeof want,
		 "1000000000 1000000 200 0 0 -1 [a] []\n3000000000 1000000 200 0 0 -1 [a] []\n"
		 "5000000000 1000000 200 0 0 -1 [a] []\nbad %d torn 0 dup 0\n",
		 1 + CSV_ROW_MAX - 20 + 1);
	assert_string_equal(out.data, want);
	buf_release(&out);
}

/* Nonsense made of what matters to the scanner: the same result whole and in pieces, and no
 * access out of bounds (under the sanitizers, and before a guard page). */
static void nonsense(void **state)
{
	(void)state;
	static const char bytes[] = ",,,,\"\"\n\n\r0123456789.e-ax \0";
	struct rng r;
	rng_init(&r, 5);
	for (int round = 0; round < 3000; round++) {
		char text[512];
		struct buf whole = BUF_INIT, parts = BUF_INIT;
		size_t head = (size_t)sprintf(text, "%s", round % 2 ? LEGACY : OURS);
		size_t len = head + (size_t)rng_below(&r, 300);
		for (size_t i = head; i < len; i++)
			text[i] = bytes[rng_below(&r, sizeof bytes)];
		scan_memory(text, len, &whole);
		scan_split(text, len, (size_t)rng_below(&r, len + 1), &parts);
		assert_string_equal(whole.data, parts.data);
		buf_release(&whole);
		buf_release(&parts);
	}
}

static void marks_are_found_alike(void **state)
{
	(void)state;
	struct rng r;
	char text[32];
	rng_init(&r, 9);
	for (int round = 0; round < 2000; round++) {
		uint32_t want = 0, want_stops = 0, stops;
		for (size_t i = 0; i < sizeof text; i++) {
			text[i] = (char)(rng_below(&r, 3) ? rng_below(&r, 256) : (unsigned char)",\n\"\r"[rng_below(&r, 4)]);
			if (text[i] == '\n' || text[i] == '"')
				want_stops |= UINT32_C(1) << i;
			if (text[i] == ',' || text[i] == '\n' || text[i] == '"')
				want |= UINT32_C(1) << i;
		}
		assert_int_equal(csv_marks(text, &stops), want);
		assert_int_equal(stops, want_stops);
		assert_int_equal(csv_marks_portably(text, &stops), want);
		assert_int_equal(stops, want_stops);
	}
}

/* The fast way gives what the careful one does, or leaves it to that. */
static void numbers_alike(void **state)
{
	(void)state;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	static const char bytes[] = "0123456789012345678901234567890123456789..-e \xb0:/";
	struct rng r;
	int taken = 0;
	rng_init(&r, 13);
	for (int round = 0; round < 200000; round++) {
		char text[48] = "";
		uint64_t whole = 0;
		int64_t fast = 0, slow = -1;
		size_t len = 1 + (size_t)rng_below(&r, 8);
		for (size_t i = 0; i < 16; i++)
			text[i] = bytes[rng_below(&r, round % 2 ? 40 : sizeof bytes - 1)];
		if (round % 3 == 0)
			text[16 - 4] = '.';
		struct csv_text t = {text + 16 - len, len};
		if (swar_digits(text + 16, len, &whole) == 0 && ++taken)
			assert_true(csv_fixed(t, 0, &slow) == 0 && slow == (int64_t)whole);
		uint64_t a[2] = {0}, b[2] = {0};
		size_t other = (size_t)rng_below(&r, 9);
		int two = swar_two(text + 16, len, text + 12, other, &a[0], &b[0]);
		assert_int_equal(two, swar_two_portably(text + 16, len, text + 12, other, &a[1], &b[1]));
		assert_true(two || (a[0] == a[1] && b[0] == b[1]));
		if (swar_ms(text + 16, len, &fast) == 0 && ++taken)
			assert_true(csv_fixed(t, 6, &slow) == 0 && slow == fast);
	}
	assert_true(taken > 100000);
#endif
}

/* Whole rows, many of them, so that they lie across blocks and refills in every way: the
 * same by the fast way and, with the number of each row in quotes, by the careful one. pad: around
 * some nodes. */
static void write_rows(FILE *f, const char *quote, const char *pad)
{
	struct rng r;
	rng_init(&r, 21);
	fputs("latency_ms,x,node,status_code,slot,timestamp,error\n", f);
	for (unsigned i = 0; i < 30000; i++) {
		bool failed = rng_below(&r, 9) == 0;
		fprintf(f, "%lu.%03lu,%.*s,%shttp://h:%lu%s,%s,%s%u%s,%u.%06lu,%s%s",
			(unsigned long)rng_below(&r, 5000), (unsigned long)rng_below(&r, 1000),
			(int)rng_below(&r, 120), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			i % 5 == 1 ? pad : "", (unsigned long)rng_below(&r, 9000), i % 7 == 1 ? pad : "", failed ? "" : "200", quote, i, quote,
			1766500000 + i / 100, (unsigned long)rng_below(&r, 1000000),
			failed ? "refused" : "", rng_below(&r, 2) ? "\n" : "\r\n");
	}
}

static void write_plain(FILE *f)
{
	write_rows(f, "", "");
}

static void write_quoted(FILE *f)
{
	write_rows(f, "\"", "");
}

static void write_padded(FILE *f)
{
	write_rows(f, "", "\t ");
}

static void rows_alike(void **state)
{
	(void)state;
	struct csv c;
	struct buf plain = BUF_INIT, quoted = BUF_INIT, padded = BUF_INIT;
	scan_from_child(write_plain, &c, &plain);
	scan_from_child(write_quoted, &c, &quoted);
	scan_from_child(write_padded, &c, &padded);
	assert_true(strcmp(plain.data, quoted.data) == 0);
	assert_true(strcmp(plain.data, padded.data) == 0);
	assert_contains(plain.data, "bad 0 torn 0 dup 0");
	buf_release(&plain);
	buf_release(&quoted);
	buf_release(&padded);
}

static void duplicates_within_the_window(void **state)
{
	(void)state;
	struct buf text = BUF_INIT, out = BUF_INIT;
	static const unsigned long slots[] = {5, 5, 100, 5, 2000000, 2000000, 5, 1999999, 3048575, 1999999,
					      2000000, 18446744073709551614UL, 4611686018427387904UL};
	buf_addstr(&text, "timestamp,latency_ms,slot\n");
	for (size_t i = 0; i < ARRAY_LEN(slots); i++)
		buf_addf(&text, "1,1,%lu\n", slots[i]);
	scan_memory(text.data, text.len, &out);
	/* 5 three times, 2000000 at once and once more; 3048575 has taken the place of 1999999 */
	assert_contains(out.data, "bad 0 torn 0 dup 5\n");
	buf_release(&text);
	buf_release(&out);
}

/* A slot that is far ahead by itself takes the place of its neighbours at most. */
static void one_wild_slot_hides_no_duplicate(void **state)
{
	(void)state;
	static const struct {
		const char *slots, *dup;
	} files[] = {
		{"4611686018427387904 1 2 3 2 3", "dup 2"},
		{"1 2 4611686018427388004 3 2 4611686018427388004 3", "dup 3"},
		/* many: another part of the schedule */
		{"5000000 5000001 5000001 5000000 5000002", "dup 2"},
		{"5000001 5000000 5000001 5000000 5000002", "dup 2"},
		{"1 5000000 5000001 5000000 9000000 9000007 9000000 1", "dup 3"},
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct buf text = BUF_INIT, out = BUF_INIT;
		char slots[100];
		buf_addstr(&text, "timestamp,latency_ms,slot\n");
		snprintf(slots, sizeof slots, "%s", files[i].slots);
		for (char *s = strtok(slots, " "); s; s = strtok(NULL, " "))
			buf_addf(&text, "1,1,%s\n", s);
		scan_memory(text.data, text.len, &out);
		assert_contains(out.data, files[i].dup);
		buf_release(&text);
		buf_release(&out);
	}
}

/* In the fast way and, with quotes, in the other; in a file without latencies it is no column. */
static void replicas_are_read(void **state)
{
	(void)state;
	static const char text[] = "timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,replicas,detail\n"
				   "1766500030.000001,n,200,1.000,,1.000,AUDIT,4,0,2,\n"
				   "1766500030.000002,n,200,1.000,,1.000,AUDIT,4,1,,\n"
				   "1766500030.000003,\"n\",200,1.000,,1.000,AUDIT,4,2,17,\n"
				   "1766500030.000004,n,,1.000,timeout,1.000,AUDIT,4,3,0,\"late\"\n"
				   "1766500030.000005,n,200,1.000,,1.000,AUDIT,4,4,x,\n";
	static const int expected[] = {2, -1, 17, 0, -1};
	struct csv c;
	struct csv_row row;
	struct err e;
	csv_init_memory(&c, text, strlen(text), "x");
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(csv_next(&c, &row, &e), CSV_ROW);
		assert_int_equal(row.replicas, expected[i]);
		assert_int_equal(row.slot, i);
	}
	assert_int_equal(csv_next(&c, &row, &e), CSV_END);
	csv_release(&c);
}

/* A row whose last field, the timestamp, is empty: nothing behind it may be looked at. */
static void an_empty_time_at_the_end(void **state)
{
	(void)state;
	for (size_t pad = 100; pad < 127; pad++)
		for (size_t behind = 0; behind < 40; behind++) {
			struct buf out = BUF_INIT;
			char text[256];
			size_t n = (size_t)snprintf(text, sizeof text,
						    "pad,latency_ms,timestamp\n%0*d,5,\n%0*d",
						    (int)pad, 0, (int)behind + 1, 0);
			char *exact = malloc(n); /* a sanitizer knows its end */
			memcpy(exact, text, n);
			scan_memory(exact, n, &out);
			assert_contains(out.data, "bad 1 torn 1");
			free(exact);
			buf_release(&out);
		}
}

static void the_first_bad_row_is_explained(void **state)
{
	static const struct {
		const char *rows, *why;
		uint64_t line;
	} bads[] = {
		{"1,1\n\n2026-01-02T03:04:05Z,1\nx,1\n",
		 "timestamp '2026-01-02T03:04:05Z' is no UNIX time in s, ms, us or ns", 4},
		{"17665000300014,1\n", "timestamp '17665000300014' is no UNIX time in s, ms, us or ns", 2},
		{"1,fast\n", "latency_ms 'fast' is no time in ms", 2},
		{"1.79574e+09,1\n", "timestamp '1.79574e+09' is no UNIX time in s, ms, us or ns", 2},
		{"1,-\n", "latency_ms '-' is no time in ms", 2},
		{"1\n", "1 of 2 fields", 2},
		{"1,\"1\"x\n", "the row is damaged", 2},
		{"1,2,5\n", "3 fields, not 2", 2},
		{"1,2,,\n", "4 fields, not 2", 2},
		{"timestamp,latency_ms,error\n1,2,gone, for now\n1,2,a,b,\033\n", "the row is damaged", 4}, /* a NUL, see below */
		{"1,2,\033\n", "3 fields, not 2", 2},
		{"1,\0332,\n", "the row is damaged", 2},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bads); i++) {
		char text[200];
		struct csv c;
		struct csv_row row;
		struct err e;
		snprintf(text, sizeof text, "timestamp,latency_ms\n%s", bads[i].rows);
		size_t len = strlen(text);
		char *escape = strchr(text, '\033');
		if (escape)
			*escape = '\0';
		csv_init_memory(&c, text, len, "x");
		while (csv_next(&c, &row, &e) == CSV_ROW)
			;
		assert_string_equal(c.bad_reason, bads[i].why);
		assert_int_equal(c.first_bad, bads[i].line);
		csv_release(&c);
	}
}

/* Whatever the reader asks of the rows: the file decides which of them are too long. */
static void a_longer_row_is_bad_whoever_reads(void **state)
{
	static const char text[] = "timestamp,status_code,latency_ms,service_ms\n"
				   "1766500000,200,12,345,11,222\n1766500001,200,12.345,11.222\n";
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct csv c;
		struct csv_row row;
		struct err e;
		csv_init_memory(&c, text, sizeof text - 1, "x");
		c.wants_late = i & 1;
		c.times_only = i & 2;
		assert_int_equal(csv_next(&c, &row, &e), CSV_ROW);
		assert_int_equal(row.due_ns, INT64_C(1766500001) * 1000000000);
		assert_int_equal(csv_next(&c, &row, &e), CSV_END);
		assert_int_equal(c.bad, 1);
		assert_string_equal(c.bad_reason, "6 fields, not 4");
		csv_release(&c);
	}
}

/* Its further columns are not looked at, and so neither is what their last one holds. */
static void a_header_of_more_columns_than_are_read(void **state)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	(void)state;
	for (unsigned line = 0; line < 2; line++) {
		buf_addstr(&text, line ? "1,1" : "timestamp,latency_ms");
		for (unsigned i = 3; i < CSV_COLUMNS_MAX; i++)
			buf_addstr(&text, ",1");
		buf_addstr(&text, line ? ",200,1\n" : ",status_code,x\n");
	}
	scan_memory(text.data, text.len, &out);
	assert_string_equal(out.data, "1000000000 1000000 200 0 0 -1 [] []\nbad 0 torn 0 dup 0\n");
	buf_release(&text);
	buf_release(&out);
}

static void a_failure_keeps_the_text_that_says_more(void **state)
{
	static const char text[] = "timestamp,latency_ms,status_code,error,detail\n"
				   "1,1,ECONNREFUSED,,\n1,1,,refused,Connection refused\n"
				   "1,1,200,read: EOF, \n1,1,000,,\n1,1,,timeout,\n"
				   "1,1,503 Service Unavailable,,\n1,1,Non HTTP,,\"no, none\"\n"
				   "1766500030.5,1,,refused,\"no, none\"\n1766500030.5,1,503,,\n"
				   "1766500030.5,1,1006,,\n1766500030.5,1,200,oops,\n";
	static const char *const want[] = {"ECONNREFUSED", "Connection refused", "read: EOF", "", "",
					   "", "no, none", "no, none", "", "1006", "oops"};
	char padded[sizeof text + CSV_SPAN + 8] = {0}; /* so that the last rows go the fast way */
	struct csv c;
	struct csv_row r;
	struct err e;
	(void)state;
	memcpy(padded, text, sizeof text);
	memset(padded + sizeof text - 1, '\n', CSV_SPAN + 8);
	csv_init_memory(&c, padded, sizeof padded - 1, "x");
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(csv_next(&c, &r, &e), CSV_ROW);
		assert_true(csv_text_is(r.detail, want[i]));
	}
	csv_release(&c);
}

static void writer_and_reader_agree(void **state)
{
	(void)state;
	char text[1024], *end;
	struct buf out = BUF_INIT;
	strcpy(text, sample_header);
	end = text + strlen(text);
	struct sample s = {.due_wall_ns = INT64_C(1766500030001234000), .latency_ns = 12345000,
			   .service_ns = 1000, .slot = 7, .error = ERROR_RESET, .node = csv_text_of("redis://h:1"),
			   .op = csv_text_of("INCR"), .detail = "said \"no\", twice"};
	end = sample_write(&s, end);
	end = sample_write_lost(9, INT64_C(1766500030000000000), INT64_C(1766500031500000000),
				false, end);
	scan_memory(text, (size_t)(end - text), &out);
	assert_string_equal(out.data, "1766500030001234000 12345000 0 1 3 7 [redis://h:1] [INCR]\n"
				      "lost 9 1766500030000000000 1766500031500000000\n"
				      "bad 0 torn 0 dup 0\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest csv[] = {
		cmocka_unit_test(whole_inputs),
		cmocka_unit_test(split_at_every_byte),
		cmocka_unit_test(fed_in_pieces),
		cmocka_unit_test(nothing_beyond_the_end_is_read),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(marks_are_found_alike),
		cmocka_unit_test(numbers_alike),
		cmocka_unit_test(rows_alike),
		cmocka_unit_test(duplicates_within_the_window),
		cmocka_unit_test(one_wild_slot_hides_no_duplicate),
		cmocka_unit_test(replicas_are_read),
		cmocka_unit_test(an_empty_time_at_the_end),
		cmocka_unit_test(the_first_bad_row_is_explained),
		cmocka_unit_test(a_longer_row_is_bad_whoever_reads),
		cmocka_unit_test(a_header_of_more_columns_than_are_read),
		cmocka_unit_test(a_failure_keeps_the_text_that_says_more),
		cmocka_unit_test(writer_and_reader_agree),
	};
	return RUN_GROUP(csv);
}
